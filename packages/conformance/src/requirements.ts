/**
 * The promises of the contract that the kit proves. Each id names the sentence of docs/contract.md that begins with it;
 * the text here is that sentence.
 */
export const REQUIREMENTS = {
  "STORE-1": "A store has every capability that is declared for it, and answers `unsupported` for the others.",
  "STORE-2": "A closed store answers `unavailable`.",

  "OPEN-1":
    "createThread opens the one live writer of a thread; a second one is `conflict`, in this store and in another.",
  "OPEN-2": "A created thread is seen by nobody until there is something to keep.",
  "OPEN-3":
    "resumeThread opens a writer on a stored thread; an unknown one is `thread_not_found`, an archived one `invalid_request` unless it was asked for.",
  "OPEN-4": "Taking over fences the writer before: its next write is `conflict`, and nothing of it is stored.",
  "OPEN-5": "A thread that nothing was written to leaves no trace when it is shut down or discarded.",

  "APPEND-1": "Items are appended in the order given and read back in it, by every store, when the append resolves.",
  "APPEND-2": "The raw text of an item survives byte for byte: numbers, escapes, unknown kinds and fields.",
  "APPEND-3": "The first record of a thread is its session_meta, at ordinal 0; items follow without gaps.",
  "APPEND-4": "Items that the persistence policy drops are not stored; `dropped` counts them.",
  "APPEND-5":
    "The same idempotency key with the same items returns the first result and stores nothing; with others it is `conflict`.",
  "APPEND-6": "An append whose expected ordinal is not the next one is `conflict` and stores nothing.",
  "APPEND-7": "An append without a live writer is `thread_not_found`.",
  "APPEND-8":
    "An item that is no JSON object with a type is `invalid_request`, one over a limit `resource_exhausted`; nothing of that append is stored.",
  "APPEND-9": "Appending writes history and moves `updatedAt`; it changes no other metadata but what the items tell.",
  "APPEND-10": "`updatedAt` of an append is recorded instead of the time of the append.",
  "APPEND-11": "While the clock says a time before 1970, writing is `unavailable`, and nothing of it is stored.",

  "BARRIER-1": "persistThread makes a thread readable that nothing was written to yet.",
  "BARRIER-2": "flushThread resolves with the ordinal of the last record, or null when there is none.",
  "BARRIER-3": "shutdownThread closes the writer: what was accepted is kept, and the thread can be resumed.",
  "BARRIER-4": "discardThread closes the writer, keeps what is durable, and does not mind a thread that is not live.",

  "DURABLE-1": "What an append acknowledged is read by every opening of the store.",
  "DURABLE-2": "Threads that are flushed at once each get their own answer, and all of them are safe.",
  "DURABLE-3": "A flush covers what was accepted before it was asked for.",
  "DURABLE-4": "Closing a store keeps what its live threads accepted, and frees them.",

  "CONCURRENT-1": "Appends that do not wait for one another are kept in the order of their calls, thread by thread.",
  "CONCURRENT-2": "Whoever reads a thread that grows sees a beginning of it, and everything that was acknowledged.",
  "CONCURRENT-3": "Of several that open a thread at once one gets it; the others get `conflict`.",
  "CONCURRENT-4": "Of changes of metadata that expect the same revision one is made.",
  "CONCURRENT-5": "Changes of different metadata at once are all made.",
  "CONCURRENT-6": "Archiving or deleting a live thread is `conflict`, whatever is appended to it meanwhile.",

  "HISTORY-1": "loadHistory gives every item in replay order.",
  "HISTORY-2": "readHistory gives the same items in batches of bounded size, from either end.",
  "HISTORY-3": "readHistory starts at an ordinal, in either direction.",
  "HISTORY-4":
    "A history of an unknown thread is `thread_not_found`, of an archived one `invalid_request` unless it was asked for.",

  "READ-1": "readThread tells what the items tell: preview, model, tokens, times, source.",
  "READ-2": "Previews are at most 1,000 characters, the ellipsis included; the history has the rest.",
  "READ-3": "readThread includes the history when asked.",
  "READ-4": "An unknown thread is `thread_not_found`; an archived one is `invalid_request` unless it was asked for.",

  "LIST-1": "A list without filters shows active threads of the default sources that a user wrote in.",
  "LIST-2": "Sources narrow a list; `all` shows every thread, also those no user wrote in.",
  "LIST-3": "Lists are sorted by creation, update or recency, in either direction, ties by thread id.",
  "LIST-4": "Providers and folders narrow a list; an empty list of providers means all, of folders none.",
  "LIST-5": "A search term is a literal substring of name or preview; letter case does not matter.",
  "LIST-6": "Archived threads are listed when asked for, and only those.",
  "LIST-7": "Relations list children or descendants, whatever their source.",

  "PAGE-1": "Pages follow one another without a gap or a repeat, whatever their size, also where instants are equal.",
  "PAGE-2": "The backwards cursor re-includes its row; direction and page size may change from page to page.",
  "PAGE-3": "A cursor of another query, or a text that is none, is `invalid_request`.",
  "PAGE-4": "New threads between two pages disturb neither.",
  "PAGE-5": "A page size of 0, below it, or over the limit is `invalid_request`.",

  "NAME-1": "findThreadByName finds the exact name, the newest thread first; without a hit it answers null.",
  "NAME-2": "Archived threads are found by name only when asked for.",

  "META-1": "A patch sets what it has, keeps what it lacks, and clears what is null.",
  "META-2": "A field that was set wins over the items until it is set again.",
  "META-3": "`expectedRevision` other than the thread's is `conflict` and changes nothing.",
  "META-4": "Recency only moves forward.",
  "META-5": "Patching an unknown thread is `thread_not_found`; a patch with an unknown field is `invalid_request`.",

  "ARCHIVE-1": "archiveThread takes a thread out of active lists and reads; unarchiveThread brings it back whole.",
  "ARCHIVE-2": "Archiving what is not active, or unarchiving what is not archived, is `thread_not_found`.",
  "ARCHIVE-3": "Archiving, unarchiving or deleting a live thread is `conflict`.",

  "DELETE-1": "deleteThread removes a thread with its items and edges; again, it is `thread_not_found`.",
  "DELETE-2": "Deleting a thread whose items another one shares is `conflict`.",

  "FORK-1": "A fork begins with the items of its source before the cut; neither changes the other afterwards.",
  "FORK-2": "A fork of a paginated thread continues its ordinals; its preview is that of the whole history.",
  "FORK-3": "A fork of a legacy thread copies its items after its own session_meta.",
  "FORK-4":
    "A fork of an unknown thread is `thread_not_found`; a cut beyond the end, or another history mode, is `invalid_request`.",
  "FORK-5":
    "A thread can be told at birth whose items it will begin with a copy of (`forkedFromId`): it shows that, and needs nothing of the other.",

  "REVERT-1": "revertThread lets a thread go on from an earlier ordinal; what came after is no longer in its history.",
  "REVERT-2": "Reverting a legacy thread, or to an ordinal it does not have, is `invalid_request`.",

  "EDGE-1": "A spawned thread and its edge appear together.",
  "EDGE-2": "Edges are listed by child id; descendants breadth first; a status cuts what hangs below another one.",
  "EDGE-3": "Every child has one parent: setting an edge again replaces it; a circle ends.",
  "EDGE-4": "A spawned thread is found by its agent path; two of the same path are `conflict`, none is null.",

  "PATH-1": "A thread is found and read by its rollout path; an unknown path is null or `invalid_request`.",
  "PATH-2":
    "The path of a live thread is told before there is anything to keep, where the store knows it; it is its path then too.",

  "CALL-1":
    "A call whose signal is aborted, or whose deadline passes, is `unavailable`; what an append had accepted stays.",
  "INPUT-1": "Arguments of the wrong shape are `invalid_request`, and the message names the operation and the field.",

  "TURN-1": "listTurns gives the turns of a thread, the newest first, each with its status, its times and its error.",
  "TURN-2": "A view shows no items of a turn, its first user message and its final answer, or all of them.",
  "TURN-3":
    "Pages of turns and items follow one another without a gap or a repeat, in both directions; a cursor of another thread, turn or list is `invalid_request`.",
  "TURN-4": "listItems gives items in the order in which they began to be seen; an unknown turn is `invalid_request`.",
  "TURN-5": "readItems gives the named items of a turn in stored order, and passes over unknown ones.",
  "TURN-6": "A fork shows the turns it inherits, with their ids; a reverted thread shows none that came after the cut.",
  "TURN-7": "Turns of legacy threads are told from their events; after a rollback no id is given again.",

  "SEARCH-1": "searchThreads finds the threads that hold a term, whatever its letters.",
  "SEARCH-2":
    "It looks at what users and agents said, and at names; with `scopes` at what tools were asked and answered, and at what was thought. What a harness tells the model with every turn is not looked at.",
  "SEARCH-3":
    "A hit shows the text around the first place on one line, where the matches stand in it, and a cursor that lists the turn.",
  "SEARCH-4":
    'Filters are those of listThreads, with `archived: "both"`, folders and `updatedSince`; threads come in any order of lists, or by rank. Pages follow one another without a gap or a repeat; a cursor of another search is `invalid_request`.',
  "SEARCH-5":
    "What a fork inherits is found in its source. What a revert took back, and what was deleted, is not found.",
  "SEARCH-6": "A blank term, or one of more than `searchTermMaxCharacters`, is `invalid_request`.",
  "SEARCH-7":
    "With `scansMissing` a search sees every append that was acknowledged before it; without, `missing` counts the threads that it could not look through.",
  "OCCURRENCE-1":
    "searchOccurrences tells each place where a term stands in what was said in a thread, inherited turns included, the oldest first, with its turn, its item, and where it stands among the others.",
  "OCCURRENCE-2":
    "Its pages follow one another without a gap or a repeat; a cursor of another search is `invalid_request`; an unknown thread is `thread_not_found`.",

  "WATCH-1":
    "watchThreads tells every thread that is created, appended to, changed, archived, unarchived or deleted after its first step, through this store or another one of the same threads.",
  "WATCH-2":
    "Changes of a thread that the reader did not take yet are told as one, with the ordinal of the next item when items were appended.",
  "WATCH-3":
    "Going on after a position tells what changed since then, or `lagged` where that is not known any more; a text that is no position is `invalid_request`.",
  "WATCH-4":
    "A reader for whom more than `bufferMax` threads wait is told `lagged` once instead, and then what changes from there on.",
  "WATCH-5":
    "A watch ends at once when its reader returns or the store is closed; an aborted signal makes it `unavailable`.",

  "LIVE-1": "A live thread that nothing was appended to leaves no trace; one whose start-up fails is discarded.",
  "LIVE-2": "After a barrier a live thread's metadata tells what its items tell.",
  "LIVE-3": "The start of a turn moves recency; what follows it moves only `updatedAt`.",
  "LIVE-4": "A resumed live thread tells what its whole history tells.",
  "LIVE-5": "Metadata that is set through a live thread wins over its items, and makes an unused thread appear.",
  "LIVE-6": "Discarding a live thread keeps what was stored; the thread can be resumed.",

  "MODEL-1": "After any history of operations the store answers as the reference store does.",
} as const;

export type RequirementId = keyof typeof REQUIREMENTS;
