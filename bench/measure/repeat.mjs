/** Takes samples one after the other, telling which one it is. */
export async function repeat(runs, onProgress, takeSample) {
  const samples = [];
  for (let run = 0; run < runs; run++) {
    onProgress(`run ${run + 1} of ${runs}`);
    samples.push(await takeSample());
  }
  return samples;
}
