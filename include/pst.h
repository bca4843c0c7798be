/*
 * pst.h - Outlook mail archives: read, check, repair, convert and write PST and OST files.
 *
 * Made by `cargo xtask header`; do not edit. docs/c-api.md is the manual. What holds for every function:
 *
 * - It returns a status. 0 is success; PST_STATUS_DONE (an iterator is at its end) and PST_STATUS_ABSENT (there is none) are
 *   no failures; everything from 10 on is: PST_FAILED(status).
 * - Results come through pointers, which are written on success and left alone otherwise: what you set before stays.
 *   They must not overlap.
 * - The last argument is a place for an error object, or NULL. A failure writes it, and you free it.
 * - A handle you are given is yours: free it with the function of its type. NULL may always be freed. A handle that was freed
 *   is refused with PST_STATUS_BAD_HANDLE.
 * - Text and bytes (pst_str, pst_bytes) belong to the object they were asked of and live as long as it. Text is UTF-8, with a
 *   NUL behind it.
 * - Text you pass is UTF-8 with a NUL behind it, and is not needed when the call has returned; paths are in the bytes of the
 *   system.
 * - Handles may be used in any thread. Those that change (iterators, streams, drafts, writers) are for one call at a time.
 *
 * MIT OR Apache-2.0.
 */


#ifndef PST_H
#define PST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/** The number of the interface this header is of: see pst_abi_version(). */
#define PST_ABI_VERSION 0

/** Whether a status is a failure. */
#define PST_FAILED(status) ((status) >= 10)


/**
 * Search the whole file even if nothing of its B-trees is missing, so that damaged blocks are replaced by intact copies.
 */
#define PST_RECOVER_ALWAYS_SCAN 1

/**
 * Bring back deleted messages too, into a folder *Recovered deleted items*.
 */
#define PST_RECOVER_DELETED 2

/**
 * Put messages together from data that nothing names.
 */
#define PST_RECOVER_FRAGMENTS 4

/**
 * What a call came to.
 *
 * Zero is success. `PST_STATUS_DONE` and `PST_STATUS_ABSENT` are no failures and make no error object; everything from 10
 * on is a failure (see `PST_FAILED`). Numbers are never given to another meaning; new ones may be added.
 */
typedef enum pst_status {
  /**
   * It is done, and the outputs are written.
   */
  PST_STATUS_OK = 0,
  /**
   * An iterator or a stream is at its end.
   */
  PST_STATUS_DONE = 1,
  /**
   * There is none: the item has no such property, date or body. Outputs are as they were.
   */
  PST_STATUS_ABSENT = 2,
  /**
   * A pointer that must not be NULL is NULL.
   */
  PST_STATUS_NULL_POINTER = 10,
  /**
   * A handle was freed already, is of another type, or never was a handle.
   */
  PST_STATUS_BAD_HANDLE = 11,
  /**
   * Text from the caller is not UTF-8.
   */
  PST_STATUS_NOT_UTF8 = 12,
  /**
   * An argument makes no sense.
   */
  PST_STATUS_INVALID_INPUT = 13,
  /**
   * The handle is in use by another call, or by the call this callback belongs to.
   */
  PST_STATUS_BUSY = 14,
  /**
   * The handle was used up, as a writer that was finished or a draft that was written.
   */
  PST_STATUS_USED_UP = 15,
  /**
   * A callback asked to stop.
   */
  PST_STATUS_CANCELLED = 16,
  /**
   * The operating system failed to open, read or write.
   */
  PST_STATUS_IO = 20,
  /**
   * There is no such file.
   */
  PST_STATUS_FILE_NOT_FOUND = 21,
  /**
   * The file is not a PST, OST or PAB at all.
   */
  PST_STATUS_NOT_PST = 22,
  /**
   * A PST of a kind that cannot be read; the text has the number that is not known.
   */
  PST_STATUS_UNSUPPORTED = 23,
  /**
   * A structure contradicts the format.
   */
  PST_STATUS_CORRUPT = 24,
  /**
   * Stored bytes do not match their CRC.
   */
  PST_STATUS_CHECKSUM = 25,
  /**
   * Reading on would pass a limit.
   */
  PST_STATUS_LIMIT = 26,
  /**
   * A node, block or property that was asked for is not in the file.
   */
  PST_STATUS_NOT_FOUND = 27,
  /**
   * A node or value is of another type than the call needs.
   */
  PST_STATUS_WRONG_TYPE = 28,
  /**
   * A failure of a kind that this number was not made for; its text tells.
   */
  PST_STATUS_OTHER = 90,
  /**
   * A defect of the library. It was caught; the handle it happened on may be used no more, but freed.
   */
  PST_STATUS_PANIC = 99,
} pst_status;

/**
 * What an attachment holds.
 */
typedef enum pst_content {
  /**
   * Nothing.
   */
  PST_CONTENT_NOTHING = 0,
  /**
   * Bytes: `pst_attachment_open` gives them.
   */
  PST_CONTENT_FILE = 1,
  /**
   * A message: `pst_attachment_message` gives it.
   */
  PST_CONTENT_MESSAGE = 2,
  /**
   * An OLE object; its bytes are a compound file or a bare stream.
   */
  PST_CONTENT_OLE = 3,
  /**
   * A path or URL of a file that is elsewhere: `pst_attachment_reference`.
   */
  PST_CONTENT_REFERENCE = 4,
} pst_content;

/**
 * What happened in a copy, merge, split, export or creation.
 */
typedef enum pst_event_kind {
  /**
   * An item was written. `count` parts of it are not, or are changed: `detail` names them.
   */
  PST_EVENT_KIND_WRITTEN = 0,
  /**
   * Something was left out: `reason` says why.
   */
  PST_EVENT_KIND_SKIPPED = 1,
  /**
   * Something could not be read.
   */
  PST_EVENT_KIND_FAILED = 2,
  /**
   * A folder is in the new file.
   */
  PST_EVENT_KIND_FOLDER = 3,
  /**
   * `count` parts of a folder's own properties are not in the new file.
   */
  PST_EVENT_KIND_DAMAGED_FOLDER = 4,
  /**
   * A place of the source could not be read, and it is not known what it held.
   */
  PST_EVENT_KIND_UNREADABLE = 5,
  /**
   * `count` folders fit a pattern of the filter, which is `detail`.
   */
  PST_EVENT_KIND_FOLDER_PATTERN = 6,
  /**
   * A search folder was not taken along.
   */
  PST_EVENT_KIND_SEARCH_FOLDER = 7,
  /**
   * An item was looked at on a first pass that writes nothing yet.
   */
  PST_EVENT_KIND_PLANNED = 8,
  /**
   * Something that an earlier run had done was met again, and left as it is.
   */
  PST_EVENT_KIND_KNOWN = 9,
  /**
   * A run goes on that was stopped after `count` things.
   */
  PST_EVENT_KIND_GOES_ON = 10,
  /**
   * Something that this number was not made for.
   */
  PST_EVENT_KIND_OTHER = 99,
} pst_event_kind;

/**
 * What somebody is to an item or in a journal report.
 */
typedef enum pst_role {
  /**
   * None: a member of a list of addresses.
   */
  PST_ROLE_NONE = 0,
  /**
   * A To recipient.
   */
  PST_ROLE_TO = 1,
  /**
   * A Cc recipient.
   */
  PST_ROLE_CC = 2,
  /**
   * A blind recipient.
   */
  PST_ROLE_BCC = 3,
  /**
   * Somebody answers are to go to.
   */
  PST_ROLE_REPLY_TO = 4,
  /**
   * The sender, among the recipients of some meeting messages.
   */
  PST_ROLE_ORIGINATOR = 5,
  /**
   * The sender.
   */
  PST_ROLE_SENDER = 6,
  /**
   * Whom the sender sent it for.
   */
  PST_ROLE_REPRESENTING = 7,
  /**
   * A recipient of whom a journal report cannot tell the role.
   */
  PST_ROLE_RECIPIENT = 8,
  /**
   * A recipient in a journal report of a format without roles.
   */
  PST_ROLE_UNSPECIFIED = 9,
  /**
   * The owner of the mailbox a journal report names.
   */
  PST_ROLE_MAILBOX = 10,
  /**
   * A recipient of another type.
   */
  PST_ROLE_OTHER = 99,
} pst_role;

/**
 * How bad a finding is.
 */
typedef enum pst_severity {
  /**
   * Sound files of real programs have it too.
   */
  PST_SEVERITY_COSMETIC = 0,
  /**
   * Everything can be read; Outlook or scanpst would correct it.
   */
  PST_SEVERITY_DEGRADED = 1,
  /**
   * Something is lost, or will be when the file is written to.
   */
  PST_SEVERITY_LOSS = 2,
  /**
   * The file cannot be used.
   */
  PST_SEVERITY_FATAL = 3,
} pst_severity;

/**
 * What a check comes to.
 */
typedef enum pst_verdict {
  /**
   * Nothing above `PST_SEVERITY_COSMETIC` was found.
   */
  PST_VERDICT_SOUND = 0,
  /**
   * Everything can be read; Outlook or scanpst would correct something.
   */
  PST_VERDICT_DEGRADED = 1,
  /**
   * Something is lost, or will be when the file is written to.
   */
  PST_VERDICT_DAMAGED = 2,
  /**
   * The file cannot be used.
   */
  PST_VERDICT_UNUSABLE = 3,
  /**
   * The check was stopped before it found anything above cosmetic.
   */
  PST_VERDICT_UNFINISHED = 4,
} pst_verdict;

/**
 * Whether a file is mapped into memory.
 */
typedef enum pst_mapping {
  /**
   * Local files are; what is on a network or FUSE file system is read piece by piece. The default.
   */
  PST_MAPPING_AUTO = 0,
  /**
   * It is, or opening fails.
   */
  PST_MAPPING_ALWAYS = 1,
  /**
   * It is not: for files that another program may cut short while they are read.
   */
  PST_MAPPING_NEVER = 2,
} pst_mapping;

/**
 * A bound on depth, counts or memory while a file is read.
 */
typedef enum pst_limit {
  /**
   * Bytes of one value held in memory at once (default 256 MiB). Larger ones are still reachable as streams.
   */
  PST_LIMIT_VALUE_BYTES = 0,
  /**
   * Bytes that one compressed RTF body may grow to (default 256 MiB).
   */
  PST_LIMIT_RTF_BYTES = 1,
  /**
   * Nesting of subnodes inside subnodes (default 64).
   */
  PST_LIMIT_SUBNODE_DEPTH = 2,
  /**
   * Embedded messages below one message (default 10,000).
   */
  PST_LIMIT_EMBEDDED_MESSAGES = 3,
  /**
   * Folders between a folder and the root (default 512).
   */
  PST_LIMIT_FOLDER_DEPTH = 4,
  /**
   * Bytes of decoded blocks one open table keeps (default 4 MiB).
   */
  PST_LIMIT_CACHE_BYTES = 5,
} pst_limit;

/**
 * What a mail program uses a folder for, whatever it is called.
 */
typedef enum pst_special_folder {
  /**
   * The top of the folders a person sees.
   */
  PST_SPECIAL_FOLDER_IPM_SUBTREE = 0,
  /**
   * What was deleted.
   */
  PST_SPECIAL_FOLDER_DELETED_ITEMS = 1,
  /**
   * The parent of search folders.
   */
  PST_SPECIAL_FOLDER_FINDER = 2,
  /**
   * Views that all folders share.
   */
  PST_SPECIAL_FOLDER_COMMON_VIEWS = 3,
  /**
   * Views of one person.
   */
  PST_SPECIAL_FOLDER_VIEWS = 4,
  /**
   * Where mail arrives.
   */
  PST_SPECIAL_FOLDER_INBOX = 5,
  /**
   * Mail on its way out.
   */
  PST_SPECIAL_FOLDER_OUTBOX = 6,
  /**
   * Mail that went out.
   */
  PST_SPECIAL_FOLDER_SENT_ITEMS = 7,
  /**
   * Mail that is being written.
   */
  PST_SPECIAL_FOLDER_DRAFTS = 8,
  /**
   * Appointments.
   */
  PST_SPECIAL_FOLDER_CALENDAR = 9,
  /**
   * People.
   */
  PST_SPECIAL_FOLDER_CONTACTS = 10,
  /**
   * What was done when.
   */
  PST_SPECIAL_FOLDER_JOURNAL = 11,
  /**
   * Sticky notes.
   */
  PST_SPECIAL_FOLDER_NOTES = 12,
  /**
   * Tasks.
   */
  PST_SPECIAL_FOLDER_TASKS = 13,
  /**
   * Unwanted mail.
   */
  PST_SPECIAL_FOLDER_JUNK_MAIL = 14,
} pst_special_folder;

/**
 * Something a recovery counts.
 */
typedef enum pst_recovered {
  /**
   * Items that a folder lists and that are nowhere.
   */
  PST_RECOVERED_LOST_ITEMS = 0,
  /**
   * Nodes in all.
   */
  PST_RECOVERED_NODES = 1,
  /**
   * Nodes found again outside the trees.
   */
  PST_RECOVERED_NODES_REBUILT = 2,
  /**
   * Deleted messages brought back.
   */
  PST_RECOVERED_NODES_DELETED = 3,
  /**
   * Messages put together from data that nothing names.
   */
  PST_RECOVERED_NODES_FRAGMENTS = 4,
  /**
   * Blocks found again.
   */
  PST_RECOVERED_BLOCKS_FOUND = 5,
  /**
   * Damaged blocks replaced by an intact copy.
   */
  PST_RECOVERED_BLOCKS_REPLACED = 6,
  /**
   * Blocks that cannot be read.
   */
  PST_RECOVERED_BLOCKS_UNREADABLE = 7,
  /**
   * Blocks beyond the end of the file.
   */
  PST_RECOVERED_BLOCKS_BEYOND_END = 8,
  /**
   * Blocks of which there are different ones.
   */
  PST_RECOVERED_BLOCKS_AMBIGUOUS = 9,
  /**
   * Folders made anew.
   */
  PST_RECOVERED_FOLDERS_MADE = 10,
  /**
   * Folders moved to *Recovered*.
   */
  PST_RECOVERED_FOLDERS_ATTACHED = 11,
  /**
   * Items moved to *Recovered*.
   */
  PST_RECOVERED_ORPHANS = 12,
  /**
   * Tables made anew.
   */
  PST_RECOVERED_TABLES = 13,
  /**
   * Bytes missing at the end of the file.
   */
  PST_RECOVERED_MISSING_BYTES = 14,
  /**
   * Pages of the trees that are lost.
   */
  PST_RECOVERED_PAGES_LOST = 15,
} pst_recovered;

/**
 * What makes two items duplicates.
 */
typedef enum pst_duplicate_by {
  /**
   * Nothing: all items are written.
   */
  PST_DUPLICATE_BY_NONE = 0,
  /**
   * The same Message-ID and date.
   */
  PST_DUPLICATE_BY_MESSAGE_ID = 1,
  /**
   * The same class, subject, dates, sender, bodies, recipients and attachments.
   */
  PST_DUPLICATE_BY_CONTENT = 2,
} pst_duplicate_by;

/**
 * What goes into one file of a split.
 */
typedef enum pst_split_by {
  /**
   * As much as fits the size.
   */
  PST_SPLIT_BY_SIZE = 0,
  /**
   * The items of a year, in UTC.
   */
  PST_SPLIT_BY_YEAR = 1,
  /**
   * A folder just below the top of what a person sees, with all below it.
   */
  PST_SPLIT_BY_TOP_FOLDER = 2,
  /**
   * A folder alone.
   */
  PST_SPLIT_BY_FOLDER = 3,
} pst_split_by;

/**
 * What an export writes.
 */
typedef enum pst_export_format {
  /**
   * A file for each mail.
   */
  PST_EXPORT_FORMAT_EML = 0,
  /**
   * An mbox for each folder.
   */
  PST_EXPORT_FORMAT_MBOX = 1,
  /**
   * A maildir for each source.
   */
  PST_EXPORT_FORMAT_MAILDIR = 2,
  /**
   * JSON lines for each folder, attachments as files.
   */
  PST_EXPORT_FORMAT_JSON = 3,
} pst_export_format;

/**
 * How blocks of a new file are encoded.
 */
typedef enum pst_crypt {
  /**
   * Not at all.
   */
  PST_CRYPT_NONE = 0,
  /**
   * Permute, as Outlook does; the default.
   */
  PST_CRYPT_PERMUTE = 1,
  /**
   * Cyclic.
   */
  PST_CRYPT_CYCLIC = 2,
} pst_crypt;

/**
 * An attachment. May be used by several threads at once, and after its message was freed.
 */
typedef struct pst_attachment pst_attachment;

/**
 * A walk over attachments.
 */
typedef struct pst_attachment_iter pst_attachment_iter;

/**
 * Raw properties to be written with an item, attachment, folder or store. May be used for several.
 */
typedef struct pst_bag pst_bag;

/**
 * Bytes the library made.
 */
typedef struct pst_buffer pst_buffer;

/**
 * What came of a conversion: what the result does not carry, or carries changed.
 */
typedef struct pst_conversion pst_conversion;

/**
 * A store that is made of mail in files. For one thread at a time.
 */
typedef struct pst_create pst_create;

/**
 * An item to be written. Calls on it must not overlap.
 */
typedef struct pst_draft pst_draft;

/**
 * Why a call failed, and where in the file.
 *
 * Every function takes a place for one as its last argument, which may be NULL. It is written when the function fails, and
 * left alone when it does not.
 */
typedef struct pst_error pst_error;

/**
 * Which items go along: those that fit one of the folders, one of the classes and so on, if there are any, and the dates.
 * Functions that take it take NULL for all.
 */
typedef struct pst_filter pst_filter;

/**
 * A folder. May be used by several threads at once, and after its store was freed.
 */
typedef struct pst_folder pst_folder;

/**
 * A walk over folders.
 */
typedef struct pst_folder_iter pst_folder_iter;

/**
 * What a message is as a journal report. May be used by several threads at once, and after its message was freed.
 */
typedef struct pst_journal pst_journal;

/**
 * A merge under way. For one thread at a time.
 */
typedef struct pst_merge pst_merge;

/**
 * A message of a store, or a mail in its internet form: both answer the same questions alike, as far as they can. May be
 * used by several threads at once, and after its store was freed.
 */
typedef struct pst_message pst_message;

/**
 * A walk over messages.
 */
typedef struct pst_message_iter pst_message_iter;

/**
 * How messages become mails. Functions that take it take NULL for the defaults.
 */
typedef struct pst_mime_options pst_mime_options;

/**
 * How files are opened. Functions that take it take NULL for the defaults, which suit almost everyone.
 */
typedef struct pst_options pst_options;

/**
 * A walk over the mails in a report.
 */
typedef struct pst_original_iter pst_original_iter;

/**
 * Somebody, with the SMTP address or why there is none.
 */
typedef struct pst_person pst_person;

/**
 * A walk over people.
 */
typedef struct pst_person_iter pst_person_iter;

/**
 * The properties of a store, folder, message or attachment. May be used by several threads at once.
 *
 * Functions take the id of a property, the upper half of its tag, such as 0x0037 for the subject.
 */
typedef struct pst_properties pst_properties;

/**
 * A walk over the properties of an object.
 */
typedef struct pst_property_iter pst_property_iter;

/**
 * What a recovery found. May be used by several threads at once.
 */
typedef struct pst_recovery pst_recovery;

/**
 * The result of a check. May be used by several threads at once.
 */
typedef struct pst_report pst_report;

/**
 * A PST, OST or PAB that is open. May be used by several threads at once.
 *
 * Folders, messages and all else taken from it keep the file open on their own: they may be used after the store was freed.
 */
typedef struct pst_store pst_store;

/**
 * Bytes that are read piece by piece; memory is one piece. For one thread at a time.
 */
typedef struct pst_stream pst_stream;

/**
 * How a new file is written. Functions that take it take NULL for the defaults.
 */
typedef struct pst_write_options pst_write_options;

typedef struct pst_writer pst_writer;

/**
 * Text in UTF-8 that belongs to somebody else. A NUL stands behind it, and NULs may stand inside it.
 */
typedef struct pst_str {
  /**
   * The first byte.
   */
  const char *data;
  /**
   * Bytes without the NUL behind.
   */
  size_t length;
} pst_str;

/**
 * A GUID in the order of its bytes in the file (the first three fields little-endian).
 */
typedef struct pst_guid {
  /**
   * The bytes.
   */
  uint8_t bytes[16];
} pst_guid;

/**
 * Something that happened.
 */
typedef struct pst_event {
  /**
   * What.
   */
  enum pst_event_kind kind;
  /**
   * Its node in the source; 0 if it has none.
   */
  uint32_t node;
  /**
   * Its node in the new file; 0 if it has none.
   */
  uint32_t new_node;
  /**
   * Bytes of it; 0 if that is not known.
   */
  uint64_t bytes;
  /**
   * As its kind says.
   */
  uint64_t count;
  /**
   * Where it stands: the path of its folder, or file and place in it.
   */
  struct pst_str place;
  /**
   * Why, as a stable word with hyphens; empty if it went well.
   */
  struct pst_str reason;
  /**
   * What a person wants to know; may be empty, and have several lines.
   */
  struct pst_str detail;
} pst_event;

/**
 * Told of everything that happens; what it returns says whether to go on. It may be NULL. It must return: no exception and
 * no `longjmp` may leave it. What it is given lives until it returns.
 */
typedef bool (*pst_on_event)(void *user, const struct pst_event *event);

/**
 * What was taken in.
 */
typedef struct pst_create_summary {
  /**
   * Everything that was met.
   */
  uint64_t seen;
  /**
   * Mails that were written.
   */
  uint64_t mails;
  /**
   * Messages of stores that were written.
   */
  uint64_t messages;
  /**
   * Items that were written without a part that could not be read.
   */
  uint64_t damaged;
  /**
   * Items that were written and have changed in some way.
   */
  uint64_t changed;
  /**
   * What was left out.
   */
  uint64_t skipped;
  /**
   * Of these, what may hide mail.
   */
  uint64_t may_hide_mail;
  /**
   * What could not be read.
   */
  uint64_t failed;
  /**
   * Bytes that were taken in.
   */
  uint64_t bytes;
  /**
   * Folders of the new store.
   */
  uint64_t folders;
} pst_create_summary;

/**
 * Gives bytes: writes up to `capacity` of them into the buffer and returns how many, 0 at the end, a negative number to
 * stop. It must return: no exception and no `longjmp` may leave it.
 */
typedef ptrdiff_t (*pst_read_bytes)(void *user, uint8_t *buffer, size_t capacity);

/**
 * What came of an export, with what earlier runs of it did.
 */
typedef struct pst_export_summary {
  /**
   * Items that were written.
   */
  uint64_t exported;
  /**
   * Of these, items with losses of whatever kind.
   */
  uint64_t with_losses;
  /**
   * Of these, items of which something could not be read.
   */
  uint64_t damaged;
  /**
   * What was left out.
   */
  uint64_t skipped;
  /**
   * Of these, what may hide mail.
   */
  uint64_t may_hide_mail;
  /**
   * What could not be read.
   */
  uint64_t failed;
  /**
   * Bytes that were written.
   */
  uint64_t bytes;
  /**
   * What earlier runs did of it.
   */
  uint64_t before;
  /**
   * Stores that were opened.
   */
  uint64_t stores;
  /**
   * Patterns for folders that fit no item.
   */
  uint64_t unmatched;
  /**
   * A callback stopped it, and it can go on with the same call.
   */
  bool stopped;
} pst_export_summary;

/**
 * Bytes that belong to somebody else. A NUL stands behind them.
 */
typedef struct pst_bytes {
  /**
   * The first byte.
   */
  const uint8_t *data;
  /**
   * How many there are, without the NUL behind.
   */
  size_t length;
} pst_bytes;

/**
 * A point in time.
 */
typedef struct pst_time {
  /**
   * Intervals of 100 ns since 1601-01-01 in UTC, as the file has it.
   */
  uint64_t filetime;
  /**
   * The same in whole seconds since 1970-01-01 in UTC; negative before.
   */
  int64_t unix_seconds;
  /**
   * What the writer's clock was ahead of UTC, in minutes; 0 if it is not known.
   */
  int32_t offset_minutes;
  /**
   * Whether it is known.
   */
  bool has_offset;
} pst_time;

/**
 * Takes bytes as they are made; what it returns says whether to go on. It must return: no exception and no `longjmp` may
 * leave it.
 */
typedef bool (*pst_write_bytes)(void *user, const uint8_t *data, size_t length);

/**
 * Something that a conversion lost.
 */
typedef struct pst_loss {
  /**
   * What kind of loss it is, as a stable word with hyphens.
   */
  struct pst_str kind;
  /**
   * What it is about, as a sentence.
   */
  struct pst_str detail;
  /**
   * The tag of the property it is about; 0 if it is about none.
   */
  uint32_t tag;
} pst_loss;

/**
 * How far a check or a recovery is.
 */
typedef struct pst_progress {
  /**
   * What is being done, in one word.
   */
  struct pst_str phase;
  /**
   * What of it is done: bytes, nodes or folders.
   */
  uint64_t done;
  /**
   * All of it; 0 if that is not known.
   */
  uint64_t total;
} pst_progress;

/**
 * Told how far the work is; what it returns says whether to go on. It may be NULL. It must return: no exception and no
 * `longjmp` may leave it. What it is given lives until it returns.
 */
typedef bool (*pst_on_progress)(void *user, const struct pst_progress *progress);

/**
 * An item that a folder lists and that is nowhere.
 */
typedef struct pst_lost_item {
  /**
   * Its subject, as the folder has it; empty if it has none.
   */
  struct pst_str subject;
  /**
   * Its node.
   */
  uint32_t node;
  /**
   * The node of the folder.
   */
  uint32_t folder;
} pst_lost_item;

/**
 * Told that borrowed bytes are needed no more. May be called in any thread that frees the last handle on them.
 */
typedef void (*pst_on_release)(void *user);

/**
 * What came of a copy, merge or split: items read are items written plus items skipped.
 */
typedef struct pst_summary {
  /**
   * Items that were looked at.
   */
  uint64_t read;
  /**
   * Messages that were written.
   */
  uint64_t messages;
  /**
   * Associated items that were written.
   */
  uint64_t associated;
  /**
   * Of these, items of which a part could not be read or written.
   */
  uint64_t damaged;
  /**
   * Items that were skipped, for whatever reason.
   */
  uint64_t skipped;
  /**
   * Of these, items that could not be read at all.
   */
  uint64_t unreadable;
  /**
   * Folders.
   */
  uint64_t folders;
  /**
   * Folders of whose own properties a part could not be read or written.
   */
  uint64_t damaged_folders;
  /**
   * Search folders that were not taken along.
   */
  uint64_t search_folders_left;
  /**
   * Places that could not be read, of which it is not known what they held.
   */
  uint64_t unreadable_places;
  /**
   * Files that were written.
   */
  uint64_t files;
} pst_summary;

/**
 * Names a file of a split: writes its path with a NUL behind into the buffer and returns true, or returns false to stop.
 * Parts are counted from 1; `label` is the year, or the name of the folder, **which is no safe file name**, and empty for
 * parts by size; `piece` counts the parts with this label from 1.
 */
typedef bool (*pst_name_part)(void *user,
                              uint32_t number,
                              const char *label,
                              uint32_t piece,
                              char *path,
                              size_t capacity);

/**
 * One deviation from a rule, and where it is. Texts may be empty.
 */
typedef struct pst_finding {
  /**
   * The rule, such as `B4`; `docs/verify-rules.md` lists them.
   */
  struct pst_str rule;
  /**
   * The finding as a sentence, with all of what follows.
   */
  struct pst_str text;
  /**
   * What should be there.
   */
  struct pst_str expected;
  /**
   * What is there.
   */
  struct pst_str actual;
  /**
   * Byte offset in the file, if `has_offset`.
   */
  uint64_t offset;
  /**
   * The block, if `has_block`.
   */
  uint64_t block;
  /**
   * The node, if `has_node`.
   */
  uint32_t node;
  /**
   * How bad it is.
   */
  enum pst_severity severity;
  /**
   * Whether the offset is known.
   */
  bool has_offset;
  /**
   * Whether a block is known.
   */
  bool has_block;
  /**
   * Whether a node is known.
   */
  bool has_node;
} pst_finding;

/**
 * Told of every finding; what it returns says whether to go on. It may be NULL. It must return: no exception and no
 * `longjmp` may leave it. What it is given lives until it returns.
 */
typedef bool (*pst_on_finding)(void *user, const struct pst_finding *finding);

/**
 * How much was checked.
 */
typedef struct pst_totals {
  /**
   * Bytes of the file.
   */
  uint64_t file_bytes;
  /**
   * B-tree pages and map pages.
   */
  uint64_t pages;
  /**
   * Blocks.
   */
  uint64_t blocks;
  /**
   * Bytes stored in blocks.
   */
  uint64_t block_bytes;
  /**
   * Top-level nodes.
   */
  uint64_t nodes;
  /**
   * Subnodes that were looked into.
   */
  uint64_t subnodes;
  /**
   * Folders and search folders.
   */
  uint64_t folders;
  /**
   * Messages, associated and embedded ones too.
   */
  uint64_t messages;
  /**
   * Rows of tables.
   */
  uint64_t rows;
} pst_totals;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The next attachment, `PST_STATUS_DONE` behind the last, or why this one cannot be read: the call after that gives the
 * next.
 *
 * The attachment is the caller's, to be freed with `pst_attachment_free`.
 */
enum pst_status pst_attachment_iter_next(struct pst_attachment_iter *attachments,
                                         struct pst_attachment **attachment,
                                         struct pst_error **error);

/**
 * Frees a walk over attachments, at its end or before. NULL is fine.
 */
void pst_attachment_iter_free(struct pst_attachment_iter *attachments);

/**
 * Where it is in its message: of a store the id of its subnode, of a mail the index of its part.
 */
enum pst_status pst_attachment_id(const struct pst_attachment *attachment, uint32_t *id, struct pst_error **error);

/**
 * The file name. **Not a safe path**: it may hold any character.
 *
 * The text lives as long as the attachment.
 */
enum pst_status pst_attachment_name(const struct pst_attachment *attachment,
                                    struct pst_str *name,
                                    struct pst_error **error);

/**
 * The MIME type, in small letters.
 *
 * The text lives as long as the attachment.
 */
enum pst_status pst_attachment_mime_type(const struct pst_attachment *attachment,
                                         struct pst_str *mime_type,
                                         struct pst_error **error);

/**
 * The content id, without angle brackets.
 *
 * The text lives as long as the attachment.
 */
enum pst_status pst_attachment_content_id(const struct pst_attachment *attachment,
                                          struct pst_str *content_id,
                                          struct pst_error **error);

/**
 * The path or URL of a `PST_CONTENT_REFERENCE`; absent of all others.
 *
 * The text lives as long as the attachment.
 */
enum pst_status pst_attachment_reference(const struct pst_attachment *attachment,
                                         struct pst_str *reference,
                                         struct pst_error **error);

/**
 * What it holds.
 */
enum pst_status pst_attachment_kind(const struct pst_attachment *attachment,
                                    enum pst_content *kind,
                                    struct pst_error **error);

/**
 * Whether the HTML body shows it.
 */
enum pst_status pst_attachment_is_inline(const struct pst_attachment *attachment, bool *is, struct pst_error **error);

/**
 * Bytes of the content; of a message in a store what the store says, which counts properties.
 */
enum pst_status pst_attachment_size(const struct pst_attachment *attachment, uint64_t *size, struct pst_error **error);

/**
 * The message that the attachment is; absent if it is none.
 *
 * The message is the caller's, to be freed with `pst_message_free`.
 */
enum pst_status pst_attachment_message(const struct pst_attachment *attachment,
                                       struct pst_message **message,
                                       struct pst_error **error);

/**
 * The bytes of the content, decoded; absent for a message in a store, a reference or nothing.
 *
 * The stream is the caller's, to be freed with `pst_stream_free`.
 */
enum pst_status pst_attachment_open(const struct pst_attachment *attachment,
                                    struct pst_stream **stream,
                                    struct pst_error **error);

/**
 * The properties of an attachment in a store; `PST_STATUS_WRONG_TYPE` for one of a mail.
 *
 * They are the caller's, to be freed with `pst_properties_free`.
 */
enum pst_status pst_attachment_properties(const struct pst_attachment *attachment,
                                          struct pst_properties **properties,
                                          struct pst_error **error);

/**
 * Frees an attachment. NULL is fine.
 */
void pst_attachment_free(struct pst_attachment *attachment);

/**
 * Fills a buffer as far as there are bytes, and says how many it were; `PST_STATUS_DONE` at the end. Behind a failure the
 * stream cannot go on.
 */
enum pst_status pst_stream_read(struct pst_stream *stream,
                                uint8_t *buffer,
                                size_t capacity,
                                size_t *count,
                                struct pst_error **error);

/**
 * Frees a stream, at its end or before. NULL is fine.
 */
void pst_stream_free(struct pst_stream *stream);

/**
 * Makes an empty bag. It is the caller's, to be freed with `pst_bag_free`.
 */
enum pst_status pst_bag_new(struct pst_bag **bag, struct pst_error **error);

/**
 * Sets a text. In an ANSI file it is stored in its code page.
 */
enum pst_status pst_bag_set_string(struct pst_bag *bag, uint16_t id, const char *text, struct pst_error **error);

/**
 * Sets several texts, one property (PtypMultipleString).
 */
enum pst_status pst_bag_set_strings(struct pst_bag *bag,
                                    uint16_t id,
                                    const char *const *texts,
                                    size_t count,
                                    struct pst_error **error);

/**
 * Sets a 16-bit integer.
 */
enum pst_status pst_bag_set_integer16(struct pst_bag *bag, uint16_t id, int16_t number, struct pst_error **error);

/**
 * Sets a 32-bit integer.
 */
enum pst_status pst_bag_set_integer32(struct pst_bag *bag, uint16_t id, int32_t number, struct pst_error **error);

/**
 * Sets a 64-bit integer.
 */
enum pst_status pst_bag_set_integer64(struct pst_bag *bag, uint16_t id, int64_t number, struct pst_error **error);

/**
 * Sets a boolean.
 */
enum pst_status pst_bag_set_boolean(struct pst_bag *bag, uint16_t id, bool truth, struct pst_error **error);

/**
 * Sets a 64-bit floating number.
 */
enum pst_status pst_bag_set_real(struct pst_bag *bag, uint16_t id, double number, struct pst_error **error);

/**
 * Sets a time, as 100 ns since 1601.
 */
enum pst_status pst_bag_set_time(struct pst_bag *bag, uint16_t id, uint64_t filetime, struct pst_error **error);

/**
 * Sets a GUID.
 */
enum pst_status pst_bag_set_guid(struct pst_bag *bag,
                                 uint16_t id,
                                 const struct pst_guid *guid,
                                 struct pst_error **error);

/**
 * Sets bytes. They are copied.
 */
enum pst_status pst_bag_set_binary(struct pst_bag *bag,
                                   uint16_t id,
                                   const uint8_t *data,
                                   size_t length,
                                   struct pst_error **error);

/**
 * Sets a property of any type to its bytes as they are stored (MS-PST 2.3.3.3). They are copied.
 */
enum pst_status pst_bag_set_stored(struct pst_bag *bag,
                                   uint32_t tag,
                                   const uint8_t *data,
                                   size_t length,
                                   struct pst_error **error);

/**
 * Takes a property away from what the bag is used for.
 */
enum pst_status pst_bag_remove(struct pst_bag *bag, uint16_t id, struct pst_error **error);

/**
 * Frees a bag. NULL is fine.
 */
void pst_bag_free(struct pst_bag *bag);

/**
 * Begins a store of mail in files. `write_options` and `options`, which say how stores are read, may be NULL.
 *
 * It is the caller's, to be freed with `pst_create_free`; without `pst_create_finish` there is no file.
 */
enum pst_status pst_create_new(const char *path,
                               const struct pst_write_options *write_options,
                               const struct pst_options *options,
                               struct pst_create **create,
                               struct pst_error **error);

/**
 * Adds a mail, mailbox, archive or store, or all that is below a directory. `on_event` may be NULL. The summary is that of
 * this path. Behind a failure it can only be freed.
 */
enum pst_status pst_create_add(struct pst_create *create,
                               const char *path,
                               pst_on_event on_event,
                               void *user,
                               struct pst_create_summary *summary,
                               struct pst_error **error);

/**
 * Completes the file. It can only be freed afterwards, be it a success or not. The summary is that of all paths.
 */
enum pst_status pst_create_finish(struct pst_create *create,
                                  struct pst_create_summary *summary,
                                  struct pst_error **error);

/**
 * Frees it; if it was not finished, nothing stays of the file. NULL is fine.
 */
void pst_create_free(struct pst_create *create);

/**
 * Makes an item of a class, such as `IPM.Note`; read, with nothing in it.
 *
 * The draft is the caller's, to be freed with `pst_draft_free`, also after it was written.
 */
enum pst_status pst_draft_new(const char *class_, struct pst_draft **draft, struct pst_error **error);

/**
 * Sets the subject, with its prefix.
 */
enum pst_status pst_draft_set_subject(struct pst_draft *draft, const char *subject, struct pst_error **error);

/**
 * Sets the sender: a name and an SMTP address.
 */
enum pst_status pst_draft_set_sender(struct pst_draft *draft,
                                     const char *name,
                                     const char *address,
                                     struct pst_error **error);

/**
 * Sets whom it was sent for, if not for the sender himself.
 */
enum pst_status pst_draft_set_representing(struct pst_draft *draft,
                                           const char *name,
                                           const char *address,
                                           struct pst_error **error);

/**
 * Adds a recipient: `PST_ROLE_TO`, `_CC`, `_BCC` or `_ORIGINATOR`.
 */
enum pst_status pst_draft_add_recipient(struct pst_draft *draft,
                                        uint32_t role,
                                        const char *name,
                                        const char *address,
                                        struct pst_error **error);

/**
 * Adds a recipient by its raw properties. The bag stays the caller's.
 */
enum pst_status pst_draft_add_recipient_row(struct pst_draft *draft,
                                            const struct pst_bag *bag,
                                            struct pst_error **error);

/**
 * Sets the plain text body.
 */
enum pst_status pst_draft_set_plain_text(struct pst_draft *draft, const char *body, struct pst_error **error);

/**
 * Sets the HTML body.
 */
enum pst_status pst_draft_set_html(struct pst_draft *draft, const char *body, struct pst_error **error);

/**
 * Sets the RTF body; it is compressed.
 */
enum pst_status pst_draft_set_rtf(struct pst_draft *draft,
                                  const uint8_t *data,
                                  size_t length,
                                  struct pst_error **error);

/**
 * Sets the headers the mail came with.
 */
enum pst_status pst_draft_set_headers(struct pst_draft *draft, const char *headers, struct pst_error **error);

/**
 * Sets the Message-ID, with its angle brackets.
 */
enum pst_status pst_draft_set_message_id(struct pst_draft *draft, const char *id, struct pst_error **error);

/**
 * Sets the Message-ID of the mail it answers, with its angle brackets.
 */
enum pst_status pst_draft_set_in_reply_to(struct pst_draft *draft, const char *id, struct pst_error **error);

/**
 * Sets when it was sent and delivered, as 100 ns since 1601.
 */
enum pst_status pst_draft_set_dates(struct pst_draft *draft,
                                    uint64_t sent,
                                    uint64_t delivered,
                                    struct pst_error **error);

/**
 * Sets when it was made and changed, as 100 ns since 1601.
 */
enum pst_status pst_draft_set_created(struct pst_draft *draft,
                                      uint64_t created,
                                      uint64_t modified,
                                      struct pst_error **error);

/**
 * Sets whether it was read (it was).
 */
enum pst_status pst_draft_set_read(struct pst_draft *draft, bool read, struct pst_error **error);

/**
 * Sets whether it is still being written, as what lies in Drafts is.
 */
enum pst_status pst_draft_set_unsent(struct pst_draft *draft, bool unsent, struct pst_error **error);

/**
 * Sets raw properties. The bag stays the caller's.
 */
enum pst_status pst_draft_set_properties(struct pst_draft *draft, const struct pst_bag *bag, struct pst_error **error);

/**
 * Attaches a file. The bytes are copied. `mime_type`, `content_id` (which makes it a picture of the HTML body) and `bag`
 * (further properties) may be NULL.
 */
enum pst_status pst_draft_attach(struct pst_draft *draft,
                                 const char *name,
                                 const char *mime_type,
                                 const char *content_id,
                                 const uint8_t *data,
                                 size_t length,
                                 const struct pst_bag *bag,
                                 struct pst_error **error);

/**
 * Attaches a file of any size, whose bytes go to the new file at once: the draft is then for this writer alone.
 * `mime_type`, `content_id` and `bag` may be NULL.
 */
enum pst_status pst_draft_attach_stream(struct pst_draft *draft,
                                        struct pst_writer *writer,
                                        const char *name,
                                        const char *mime_type,
                                        const char *content_id,
                                        pst_read_bytes read,
                                        void *user,
                                        const struct pst_bag *bag,
                                        struct pst_error **error);

/**
 * Attaches a message. `inner` is used up, be it a success or not, and still to be freed. `bag` may be NULL.
 */
enum pst_status pst_draft_attach_message(struct pst_draft *draft,
                                         const char *name,
                                         struct pst_draft *inner,
                                         const struct pst_bag *bag,
                                         struct pst_error **error);

/**
 * Attaches a path or URL of a file that is elsewhere. `bag` may be NULL.
 */
enum pst_status pst_draft_attach_reference(struct pst_draft *draft,
                                           const char *name,
                                           const char *path,
                                           bool is_url,
                                           const struct pst_bag *bag,
                                           struct pst_error **error);

/**
 * Frees a draft, written or not. NULL is fine.
 */
void pst_draft_free(struct pst_draft *draft);

/**
 * The status the failed function returned; `PST_STATUS_BAD_HANDLE` if this is no error.
 */
enum pst_status pst_error_status(const struct pst_error *error);

/**
 * What went wrong, as a sentence with what was expected and what was met. UTF-8 with a NUL behind.
 *
 * Lives as long as the error; do not free it. NULL if this is no error.
 */
const char *pst_error_text(const struct pst_error *error);

/**
 * The structure that was being read, named as in MS-PST, such as `BTPAGE`.
 *
 * Lives as long as the error; do not free it. NULL if it is not known.
 */
const char *pst_error_structure(const struct pst_error *error);

/**
 * The field of that structure.
 *
 * Lives as long as the error; do not free it. NULL if it is not known.
 */
const char *pst_error_field(const struct pst_error *error);

/**
 * The byte offset in the file; `PST_STATUS_ABSENT` if it is not known.
 */
enum pst_status pst_error_offset(const struct pst_error *error, uint64_t *offset);

/**
 * The id of the block that was being read (MS-PST 2.2.2.2); `PST_STATUS_ABSENT` if it is not known.
 */
enum pst_status pst_error_block(const struct pst_error *error, uint64_t *block);

/**
 * The id of the node that was being read (MS-PST 2.2.2.1); `PST_STATUS_ABSENT` if it is not known.
 */
enum pst_status pst_error_node(const struct pst_error *error, uint64_t *node);

/**
 * Frees an error. NULL is fine.
 */
void pst_error_free(struct pst_error *error);

/**
 * Exports items of stores, mails, mailboxes, archives and directories to a directory that is empty or not there, or that
 * has such an export begun in it, which then goes on. It must not lie in what is read. `format` is a `pst_export_format`;
 * `paths` has `count` of them. `filter`, `mime_options`, `options` and `on_event` may be NULL. What was told to `on_event`
 * is done, and stays so.
 */
enum pst_status pst_export(const char *const *paths,
                           size_t count,
                           const char *directory,
                           uint32_t format,
                           const struct pst_filter *filter,
                           const struct pst_mime_options *mime_options,
                           const struct pst_options *options,
                           pst_on_event on_event,
                           void *user,
                           struct pst_export_summary *summary,
                           struct pst_error **error);

/**
 * Makes a filter that lets everything through. It is the caller's, to be freed with `pst_filter_free`.
 */
enum pst_status pst_filter_new(struct pst_filter **filter, struct pst_error **error);

/**
 * Adds a pattern for paths of folders, in which `*` is any number of characters of a name, `?` is one, and `**` any number
 * of folders: `Inbox` is that folder alone, `Inbox` with `**` behind a slash all of it. From the root with a slash at the
 * front. Case does not count. `docs/c-api.md` has examples.
 */
enum pst_status pst_filter_add_folder(struct pst_filter *filter,
                                      const char *pattern,
                                      struct pst_error **error);

/**
 * Adds a pattern for message classes, such as `IPM.Note*`.
 */
enum pst_status pst_filter_add_class(struct pst_filter *filter, const char *pattern, struct pst_error **error);

/**
 * Adds a pattern for name or address of senders, such as `*@example.com`. For exports.
 */
enum pst_status pst_filter_add_from(struct pst_filter *filter, const char *pattern, struct pst_error **error);

/**
 * Adds a pattern for name or address of recipients. For exports.
 */
enum pst_status pst_filter_add_to(struct pst_filter *filter, const char *pattern, struct pst_error **error);

/**
 * Items of this date and later, as 100 ns since 1601; items without a date are left out.
 */
enum pst_status pst_filter_set_since(struct pst_filter *filter, uint64_t filetime, struct pst_error **error);

/**
 * Items before this date, as 100 ns since 1601; items without a date are left out.
 */
enum pst_status pst_filter_set_before(struct pst_filter *filter, uint64_t filetime, struct pst_error **error);

/**
 * Sets whether associated items (views, rules, settings) go along: by default they do in a copy, merge or split, and do not
 * in an export.
 */
enum pst_status pst_filter_set_associated(struct pst_filter *filter,
                                          bool with,
                                          struct pst_error **error);

/**
 * Frees a filter. NULL is fine.
 */
void pst_filter_free(struct pst_filter *filter);

/**
 * The next folder, `PST_STATUS_DONE` behind the last, or why this one cannot be read: the call after that gives the next.
 *
 * The folder is the caller's, to be freed with `pst_folder_free`.
 */
enum pst_status pst_folder_iter_next(struct pst_folder_iter *folders,
                                     struct pst_folder **folder,
                                     struct pst_error **error);

/**
 * Frees a walk over folders, at its end or before. NULL is fine.
 */
void pst_folder_iter_free(struct pst_folder_iter *folders);

/**
 * The node id of the folder.
 */
enum pst_status pst_folder_id(const struct pst_folder *folder, uint32_t *node, struct pst_error **error);

/**
 * The node id of the folder it is in; `PST_STATUS_ABSENT` of the root.
 */
enum pst_status pst_folder_parent_id(const struct pst_folder *folder, uint32_t *node, struct pst_error **error);

/**
 * The display name; may be empty.
 *
 * The text lives as long as the folder.
 */
enum pst_status pst_folder_name(const struct pst_folder *folder, struct pst_str *name, struct pst_error **error);

/**
 * What the folder is made for, such as `IPF.Note`.
 *
 * The text lives as long as the folder.
 */
enum pst_status pst_folder_class(const struct pst_folder *folder, struct pst_str *class_, struct pst_error **error);

/**
 * A remark about the folder.
 *
 * The text lives as long as the folder.
 */
enum pst_status pst_folder_comment(const struct pst_folder *folder, struct pst_str *comment, struct pst_error **error);

/**
 * How many messages the folder says it has. Damage and deletion can make that wrong: `pst_folder_messages` counts.
 */
enum pst_status pst_folder_content_count(const struct pst_folder *folder, int64_t *count, struct pst_error **error);

/**
 * How many unread messages the folder says it has.
 */
enum pst_status pst_folder_unread_count(const struct pst_folder *folder, int64_t *count, struct pst_error **error);

/**
 * Walks the folders in this one.
 *
 * The iterator is the caller's, to be freed with `pst_folder_iter_free`.
 */
enum pst_status pst_folder_subfolders(const struct pst_folder *folder,
                                      struct pst_folder_iter **folders,
                                      struct pst_error **error);

/**
 * Walks this folder and all below it, each before those in it.
 *
 * The iterator is the caller's, to be freed with `pst_folder_iter_free`.
 */
enum pst_status pst_folder_descendants(const struct pst_folder *folder,
                                       struct pst_folder_iter **folders,
                                       struct pst_error **error);

/**
 * Walks the messages of the folder, as its table lists them.
 *
 * The iterator is the caller's, to be freed with `pst_message_iter_free`.
 */
enum pst_status pst_folder_messages(const struct pst_folder *folder,
                                    struct pst_message_iter **messages,
                                    struct pst_error **error);

/**
 * Walks the hidden items of the folder, in which programs keep views and settings.
 *
 * The iterator is the caller's, to be freed with `pst_message_iter_free`.
 */
enum pst_status pst_folder_associated_messages(const struct pst_folder *folder,
                                               struct pst_message_iter **messages,
                                               struct pst_error **error);

/**
 * The properties of the folder.
 *
 * They are the caller's, to be freed with `pst_properties_free`.
 */
enum pst_status pst_folder_properties(const struct pst_folder *folder,
                                      struct pst_properties **properties,
                                      struct pst_error **error);

/**
 * Frees a folder. NULL is fine.
 */
void pst_folder_free(struct pst_folder *folder);

/**
 * Reads a message as a journal report, whether it is one or not: `pst_journal_kind` tells. Reports inside reports, and
 * reports in non-delivery reports, are taken apart too.
 *
 * The journal is the caller's, to be freed with `pst_journal_free`.
 */
enum pst_status pst_message_journal(const struct pst_message *message,
                                    struct pst_journal **journal,
                                    struct pst_error **error);

/**
 * What it is: `ordinary`, `journal-report`, `journal-suspect`, `journal-ndr` (a report that could not be delivered) or
 * `too-deep`.
 *
 * The text lives as long as the journal.
 */
enum pst_status pst_journal_kind(const struct pst_journal *journal, struct pst_str *kind, struct pst_error **error);

/**
 * Whether it is a report, or one that could not be delivered.
 */
enum pst_status pst_journal_is_report(const struct pst_journal *journal, bool *is, struct pst_error **error);

/**
 * The form of the envelope, such as `exchange2007`.
 *
 * The text lives as long as the journal.
 */
enum pst_status pst_journal_format(const struct pst_journal *journal, struct pst_str *format, struct pst_error **error);

/**
 * What marks it as a report, such as a header.
 *
 * The text lives as long as the journal.
 */
enum pst_status pst_journal_marker(const struct pst_journal *journal, struct pst_str *marker, struct pst_error **error);

/**
 * The subject the envelope tells.
 *
 * The text lives as long as the journal.
 */
enum pst_status pst_journal_subject(const struct pst_journal *journal,
                                    struct pst_str *subject,
                                    struct pst_error **error);

/**
 * The Message-ID the envelope tells, as it stands there with its angle brackets.
 *
 * The text lives as long as the journal.
 */
enum pst_status pst_journal_message_id(const struct pst_journal *journal, struct pst_str *id, struct pst_error **error);

/**
 * The label of the mail.
 *
 * The text lives as long as the journal.
 */
enum pst_status pst_journal_label(const struct pst_journal *journal, struct pst_str *label, struct pst_error **error);

/**
 * What is odd about the report: stable codes in one text, a blank between them; empty if nothing is.
 *
 * The text lives as long as the journal.
 */
enum pst_status pst_journal_warnings(const struct pst_journal *journal,
                                     struct pst_str *codes,
                                     struct pst_error **error);

/**
 * Somebody the envelope names: `PST_ROLE_SENDER`, `_REPRESENTING` or `_MAILBOX`.
 *
 * The person is the caller's, to be freed with `pst_person_free`.
 */
enum pst_status pst_journal_person(const struct pst_journal *journal,
                                   uint32_t role,
                                   struct pst_person **person,
                                   struct pst_error **error);

/**
 * Walks the recipients the envelope names, in the order of its lines. **The same person may stand there twice.**
 *
 * The iterator is the caller's, to be freed with `pst_person_iter_free`.
 */
enum pst_status pst_journal_recipients(const struct pst_journal *journal,
                                       struct pst_person_iter **people,
                                       struct pst_error **error);

/**
 * Walks the mails that were journaled: those at the bottom, if reports are in reports.
 *
 * The iterator is the caller's, to be freed with `pst_original_iter_free`.
 */
enum pst_status pst_journal_originals(const struct pst_journal *journal,
                                      struct pst_original_iter **originals,
                                      struct pst_error **error);

/**
 * The next mail as a message, `PST_STATUS_DONE` behind the last, or why this one cannot be read: the call after that gives
 * the next.
 *
 * The message is the caller's, to be freed with `pst_message_free`.
 */
enum pst_status pst_original_iter_next(struct pst_original_iter *originals,
                                       struct pst_message **message,
                                       struct pst_error **error);

/**
 * Frees a walk over originals, at its end or before. NULL is fine.
 */
void pst_original_iter_free(struct pst_original_iter *originals);

/**
 * Frees a journal. NULL is fine.
 */
void pst_journal_free(struct pst_journal *journal);

/**
 * The next message, `PST_STATUS_DONE` behind the last, or why this one cannot be read: the call after that gives the next.
 *
 * The message is the caller's, to be freed with `pst_message_free`.
 */
enum pst_status pst_message_iter_next(struct pst_message_iter *messages,
                                      struct pst_message **message,
                                      struct pst_error **error);

/**
 * Frees a walk over messages, at its end or before. NULL is fine.
 */
void pst_message_iter_free(struct pst_message_iter *messages);

/**
 * Reads a mail (EML: RFC 5322, MIME). The bytes are copied and may go as soon as this returns. Every mail can be read; what
 * makes no sense in it is absent.
 *
 * The message is the caller's, to be freed with `pst_message_free`.
 */
enum pst_status pst_message_parse(const uint8_t *data,
                                  size_t length,
                                  struct pst_message **message,
                                  struct pst_error **error);

/**
 * The node id of the message; `PST_STATUS_WRONG_TYPE` for a mail.
 */
enum pst_status pst_message_id(const struct pst_message *message, uint32_t *node, struct pst_error **error);

/**
 * The node id of the folder it is in, of an embedded message of its attachment; `PST_STATUS_WRONG_TYPE` for a mail.
 */
enum pst_status pst_message_folder_id(const struct pst_message *message, uint32_t *node, struct pst_error **error);

/**
 * Whether it is one of the hidden items in which programs keep settings.
 */
enum pst_status pst_message_is_associated(const struct pst_message *message, bool *is, struct pst_error **error);

/**
 * The message class, such as `IPM.Note`; of a mail that which it would have in a store.
 *
 * The text lives as long as the message.
 */
enum pst_status pst_message_class(const struct pst_message *message, struct pst_str *class_, struct pst_error **error);

/**
 * What kind of item it is, in one word: `mail`, `appointment`, `contact`, `report`, `unknown` and others.
 *
 * The text lives as long as the message.
 */
enum pst_status pst_message_kind(const struct pst_message *message, struct pst_str *kind, struct pst_error **error);

/**
 * The subject with its prefix.
 *
 * The text lives as long as the message.
 */
enum pst_status pst_message_subject(const struct pst_message *message,
                                    struct pst_str *subject,
                                    struct pst_error **error);

/**
 * The Message-ID without angle brackets.
 *
 * The text lives as long as the message.
 */
enum pst_status pst_message_message_id(const struct pst_message *message, struct pst_str *id, struct pst_error **error);

/**
 * The plain text body.
 *
 * The text lives as long as the message, and takes its memory as long.
 */
enum pst_status pst_message_plain_text(const struct pst_message *message,
                                       struct pst_str *body,
                                       struct pst_error **error);

/**
 * The HTML body in UTF-8, whatever charset its own tag names.
 *
 * The text lives as long as the message, and takes its memory as long.
 */
enum pst_status pst_message_html(const struct pst_message *message, struct pst_str *body, struct pst_error **error);

/**
 * The RTF body, decompressed. A mail has none.
 *
 * The bytes live as long as the message, and take their memory as long.
 */
enum pst_status pst_message_rtf(const struct pst_message *message, struct pst_bytes *body, struct pst_error **error);

/**
 * The headers as they stand: of a mail its own, of a message in a store those it came with.
 *
 * The bytes live as long as the message.
 */
enum pst_status pst_message_headers(const struct pst_message *message,
                                    struct pst_bytes *headers,
                                    struct pst_error **error);

/**
 * Bytes of the item: of a mail its size; of a message in a store what the store says, **which counts properties**.
 */
enum pst_status pst_message_size(const struct pst_message *message, uint64_t *size, struct pst_error **error);

/**
 * When it was sent.
 */
enum pst_status pst_message_sent(const struct pst_message *message, struct pst_time *time, struct pst_error **error);

/**
 * When it was received.
 */
enum pst_status pst_message_received(const struct pst_message *message,
                                     struct pst_time *time,
                                     struct pst_error **error);

/**
 * When it was made.
 */
enum pst_status pst_message_created(const struct pst_message *message, struct pst_time *time, struct pst_error **error);

/**
 * Who sent it.
 *
 * The person is the caller's, to be freed with `pst_person_free`.
 */
enum pst_status pst_message_sender(const struct pst_message *message,
                                   struct pst_person **person,
                                   struct pst_error **error);

/**
 * Whom it was sent for, if not for the sender himself.
 *
 * The person is the caller's, to be freed with `pst_person_free`.
 */
enum pst_status pst_message_representing(const struct pst_message *message,
                                         struct pst_person **person,
                                         struct pst_error **error);

/**
 * Walks the recipients. One that cannot be read does not end the walk.
 *
 * The iterator is the caller's, to be freed with `pst_person_iter_free`.
 */
enum pst_status pst_message_recipients(const struct pst_message *message,
                                       struct pst_person_iter **people,
                                       struct pst_error **error);

/**
 * Walks those to whom answers are to go.
 *
 * The iterator is the caller's, to be freed with `pst_person_iter_free`.
 */
enum pst_status pst_message_reply_to(const struct pst_message *message,
                                     struct pst_person_iter **people,
                                     struct pst_error **error);

/**
 * Walks the attachments. One that cannot be read does not end the walk.
 *
 * The iterator is the caller's, to be freed with `pst_attachment_iter_free`.
 */
enum pst_status pst_message_attachments(const struct pst_message *message,
                                        struct pst_attachment_iter **attachments,
                                        struct pst_error **error);

/**
 * The properties of a message in a store; `PST_STATUS_WRONG_TYPE` for a mail.
 *
 * They are the caller's, to be freed with `pst_properties_free`.
 */
enum pst_status pst_message_properties(const struct pst_message *message,
                                       struct pst_properties **properties,
                                       struct pst_error **error);

/**
 * Frees a message. NULL is fine.
 */
void pst_message_free(struct pst_message *message);

/**
 * Makes options with the defaults. They are the caller's, to be freed with `pst_mime_options_free`.
 */
enum pst_status pst_mime_options_new(struct pst_mime_options **options, struct pst_error **error);

/**
 * Sets whether a Bcc field names blind recipients (default true).
 */
enum pst_status pst_mime_options_set_bcc(struct pst_mime_options *options, bool keep, struct pst_error **error);

/**
 * Sets whether the headers a mail came with are taken over (default true).
 */
enum pst_status pst_mime_options_set_original_headers(struct pst_mime_options *options,
                                                      bool keep,
                                                      struct pst_error **error);

/**
 * Sets whether the RTF of a body written in RTF is attached (default true).
 */
enum pst_status pst_mime_options_set_keep_rtf(struct pst_mime_options *options, bool keep, struct pst_error **error);

/**
 * Sets the domain of made-up message ids, and of addresses that are none of SMTP (default `pst.invalid`).
 */
enum pst_status pst_mime_options_set_domain(struct pst_mime_options *options,
                                            const char *domain,
                                            struct pst_error **error);

/**
 * Sets the most bytes of one mail (default 64 GiB).
 */
enum pst_status pst_mime_options_set_size_limit(struct pst_mime_options *options,
                                                uint64_t bytes,
                                                struct pst_error **error);

/**
 * Frees options. NULL is fine.
 */
void pst_mime_options_free(struct pst_mime_options *options);

/**
 * Writes a message as a mail (RFC 5322, MIME) while it reads it: memory does not grow with bodies and attachments. A mail
 * comes out as it is. `options` and `conversion` may be NULL. Behind a failure what was written is no complete mail.
 *
 * The conversion is the caller's, to be freed with `pst_conversion_free`.
 */
enum pst_status pst_message_to_mime(const struct pst_message *message,
                                    const struct pst_mime_options *options,
                                    pst_write_bytes write,
                                    void *user,
                                    struct pst_conversion **conversion,
                                    struct pst_error **error);

/**
 * Writes a message as a mail into memory. `options` and `conversion` may be NULL.
 *
 * The buffer is the caller's, to be freed with `pst_buffer_free`, and so is the conversion, with `pst_conversion_free`.
 */
enum pst_status pst_message_to_mime_buffer(const struct pst_message *message,
                                           const struct pst_mime_options *options,
                                           struct pst_buffer **buffer,
                                           struct pst_conversion **conversion,
                                           struct pst_error **error);

/**
 * The bytes of a buffer. They live as long as it.
 */
enum pst_status pst_buffer_bytes(const struct pst_buffer *buffer, struct pst_bytes *bytes, struct pst_error **error);

/**
 * Frees a buffer. NULL is fine.
 */
void pst_buffer_free(struct pst_buffer *buffer);

/**
 * The Message-ID of the mail with angle brackets. One that was made up is told among the losses.
 *
 * The text lives as long as the conversion.
 */
enum pst_status pst_conversion_message_id(const struct pst_conversion *conversion,
                                          struct pst_str *id,
                                          struct pst_error **error);

/**
 * Where the header fields of the mail come from: `original`, `completed` or `synthesised`.
 *
 * The text lives as long as the conversion.
 */
enum pst_status pst_conversion_headers(const struct pst_conversion *conversion,
                                       struct pst_str *headers,
                                       struct pst_error **error);

/**
 * Bytes of the mail.
 */
enum pst_status pst_conversion_size(const struct pst_conversion *conversion, uint64_t *size, struct pst_error **error);

/**
 * How many things were lost.
 */
enum pst_status pst_conversion_loss_count(const struct pst_conversion *conversion,
                                          size_t *count,
                                          struct pst_error **error);

/**
 * What was lost, by a number from 0; absent beyond the last.
 *
 * The texts live as long as the conversion.
 */
enum pst_status pst_conversion_loss(const struct pst_conversion *conversion,
                                    size_t index,
                                    struct pst_loss *loss,
                                    struct pst_error **error);

/**
 * Frees a conversion. NULL is fine.
 */
void pst_conversion_free(struct pst_conversion *conversion);

/**
 * Makes options with the defaults. They are the caller's, to be freed with `pst_options_free`; what was opened with them
 * does not need them any more.
 */
enum pst_status pst_options_new(struct pst_options **options,
                                struct pst_error **error);

/**
 * Sets whether files are mapped: a `pst_mapping`.
 */
enum pst_status pst_options_set_mapping(struct pst_options *options, uint32_t mapping, struct pst_error **error);

/**
 * Sets whether the CRCs of header, pages and blocks must hold (default true).
 */
enum pst_status pst_options_set_check_crc(struct pst_options *options, bool check, struct pst_error **error);

/**
 * Reads every 8-bit text in this Windows code page, such as 1252, whatever the file says.
 */
enum pst_status pst_options_set_code_page(struct pst_options *options, uint32_t code_page, struct pst_error **error);

/**
 * Sets a bound: `kind` is a `pst_limit`.
 */
enum pst_status pst_options_set_limit(struct pst_options *options,
                                      uint32_t kind,
                                      uint64_t limit,
                                      struct pst_error **error);

/**
 * Frees options. NULL is fine.
 */
void pst_options_free(struct pst_options *options);

/**
 * The next person, `PST_STATUS_DONE` behind the last, or why this one cannot be read: the call after that gives the next.
 *
 * The person is the caller's, to be freed with `pst_person_free`.
 */
enum pst_status pst_person_iter_next(struct pst_person_iter *people,
                                     struct pst_person **person,
                                     struct pst_error **error);

/**
 * Frees a walk over people, at its end or before. NULL is fine.
 */
void pst_person_iter_free(struct pst_person_iter *people);

/**
 * What the person is to the item.
 */
enum pst_status pst_person_role(const struct pst_person *person, enum pst_role *role, struct pst_error **error);

/**
 * The display name. **A name, even where it looks like an address.**
 *
 * The text lives as long as the person.
 */
enum pst_status pst_person_name(const struct pst_person *person, struct pst_str *name, struct pst_error **error);

/**
 * The type of the address as it stands, such as `SMTP` or `EX`.
 *
 * The text lives as long as the person.
 */
enum pst_status pst_person_address_type(const struct pst_person *person,
                                        struct pst_str *kind,
                                        struct pst_error **error);

/**
 * The address as it stands, of whatever type.
 *
 * The text lives as long as the person.
 */
enum pst_status pst_person_address(const struct pst_person *person, struct pst_str *address, struct pst_error **error);

/**
 * The SMTP address, found wherever the item has one; absent if it has none.
 *
 * The text lives as long as the person.
 */
enum pst_status pst_person_smtp(const struct pst_person *person, struct pst_str *smtp, struct pst_error **error);

/**
 * Where the SMTP address was found, in one word with hyphens, such as `entry-id`.
 *
 * The text lives as long as the person.
 */
enum pst_status pst_person_smtp_source(const struct pst_person *person,
                                       struct pst_str *source,
                                       struct pst_error **error);

/**
 * Why there is no SMTP address, in one word with hyphens; absent if there is one, and where nobody tried.
 *
 * The text lives as long as the person.
 */
enum pst_status pst_person_unresolved(const struct pst_person *person,
                                      struct pst_str *reason,
                                      struct pst_error **error);

/**
 * The group a header names the person in. A group without members gives one entry with nothing else.
 *
 * The text lives as long as the person.
 */
enum pst_status pst_person_group(const struct pst_person *person, struct pst_str *group, struct pst_error **error);

/**
 * In a journal report, the list the person got the mail as a member of.
 *
 * The text lives as long as the person.
 */
enum pst_status pst_person_expanded_from(const struct pst_person *person,
                                         struct pst_str *list,
                                         struct pst_error **error);

/**
 * In a journal report, the recipient in whose place the person got the mail.
 *
 * The text lives as long as the person.
 */
enum pst_status pst_person_forwarded_from(const struct pst_person *person,
                                          struct pst_str *from,
                                          struct pst_error **error);

/**
 * Frees a person. NULL is fine.
 */
void pst_person_free(struct pst_person *person);

/**
 * Reads a list of addresses as a To header has it (RFC 5322 3.4), groups included; what makes no sense is left out.
 *
 * The iterator is the caller's, to be freed with `pst_person_iter_free`.
 */
enum pst_status pst_address_list(const char *list, struct pst_person_iter **people, struct pst_error **error);

/**
 * Whether a text is an SMTP address and nothing else.
 */
enum pst_status pst_address_is_smtp(const char *address, bool *is, struct pst_error **error);

/**
 * Walks the tags of the properties.
 *
 * The iterator is the caller's, to be freed with `pst_property_iter_free`.
 */
enum pst_status pst_properties_tags(const struct pst_properties *properties,
                                    struct pst_property_iter **tags,
                                    struct pst_error **error);

/**
 * The next tag: id in the upper half, type in the lower. `PST_STATUS_DONE` behind the last, or why this one cannot be read:
 * the call after that gives the next.
 */
enum pst_status pst_property_iter_next(struct pst_property_iter *tags,
                                       uint32_t *tag,
                                       struct pst_error **error);

/**
 * Frees a walk over properties, at its end or before. NULL is fine.
 */
void pst_property_iter_free(struct pst_property_iter *tags);

/**
 * The tag of a property: its id, and its type in the lower half.
 */
enum pst_status pst_properties_tag(const struct pst_properties *properties,
                                   uint16_t id,
                                   uint32_t *tag,
                                   struct pst_error **error);

/**
 * The canonical name of a tag, such as `PidTagSubject`, if it has one. Ids of 0x8000 and above have names of their store:
 * `pst_store_property_name`.
 *
 * The text lives as long as the properties.
 */
enum pst_status pst_properties_tag_name(const struct pst_properties *properties,
                                        uint32_t tag,
                                        struct pst_str *name,
                                        struct pst_error **error);

/**
 * How many values a property has: 1, or as many as a multiple one holds.
 */
enum pst_status pst_properties_count(const struct pst_properties *properties,
                                     uint16_t id,
                                     size_t *count,
                                     struct pst_error **error);

/**
 * The number of a property of an integer, boolean, error code or currency type; currency in ten-thousandths. `index` says
 * which of several values, from 0.
 */
enum pst_status pst_properties_integer(const struct pst_properties *properties,
                                       uint16_t id,
                                       size_t index,
                                       int64_t *number,
                                       struct pst_error **error);

/**
 * The number of a property of a floating type. `index` says which of several values, from 0.
 */
enum pst_status pst_properties_real(const struct pst_properties *properties,
                                    uint16_t id,
                                    size_t index,
                                    double *number,
                                    struct pst_error **error);

/**
 * The time of a property. `index` says which of several values, from 0.
 */
enum pst_status pst_properties_time(const struct pst_properties *properties,
                                    uint16_t id,
                                    size_t index,
                                    struct pst_time *time,
                                    struct pst_error **error);

/**
 * The GUID of a property. `index` says which of several values, from 0.
 */
enum pst_status pst_properties_guid(const struct pst_properties *properties,
                                    uint16_t id,
                                    size_t index,
                                    struct pst_guid *guid,
                                    struct pst_error **error);

/**
 * The text of a property, in UTF-8 whatever it is stored in. `index` says which of several values, from 0.
 *
 * The text lives as long as the properties, and takes its memory as long.
 */
enum pst_status pst_properties_string(const struct pst_properties *properties,
                                      uint16_t id,
                                      size_t index,
                                      struct pst_str *text,
                                      struct pst_error **error);

/**
 * The bytes of a binary property. `index` says which of several values, from 0.
 *
 * The bytes live as long as the properties, and take their memory as long.
 */
enum pst_status pst_properties_binary(const struct pst_properties *properties,
                                      uint16_t id,
                                      size_t index,
                                      struct pst_bytes *bytes,
                                      struct pst_error **error);

/**
 * The bytes of a property of any type as they are stored (MS-PST 2.3.3.3).
 *
 * The bytes live as long as the properties, and take their memory as long.
 */
enum pst_status pst_properties_stored(const struct pst_properties *properties,
                                      uint16_t id,
                                      struct pst_bytes *bytes,
                                      struct pst_error **error);

/**
 * How many bytes a property takes as it is stored, without reading it.
 */
enum pst_status pst_properties_stored_size(const struct pst_properties *properties,
                                           uint16_t id,
                                           uint64_t *size,
                                           struct pst_error **error);

/**
 * Frees properties. NULL is fine.
 */
void pst_properties_free(struct pst_properties *properties);

/**
 * Brings back what can be brought back of a file, which is only read. `flags` are those of `PST_RECOVER_...`, or 0.
 * `options` and `on_progress` may be NULL.
 *
 * The recovery is the caller's, to be freed with `pst_recovery_free`.
 */
enum pst_status pst_recover(const char *path,
                            const struct pst_options *options,
                            uint32_t flags,
                            pst_on_progress on_progress,
                            void *user,
                            struct pst_recovery **recovery,
                            struct pst_error **error);

/**
 * The store that was brought back, as if its file were sound.
 *
 * The store is the caller's, to be freed with `pst_store_free`; it does not need the recovery.
 */
enum pst_status pst_recovery_store(const struct pst_recovery *recovery,
                                   struct pst_store **store,
                                   struct pst_error **error);

/**
 * Whether anything had to be brought back.
 */
enum pst_status pst_recovery_is_changed(const struct pst_recovery *recovery, bool *is, struct pst_error **error);

/**
 * Something that was counted: a `pst_recovered`.
 */
enum pst_status pst_recovery_count(const struct pst_recovery *recovery,
                                   uint32_t what,
                                   uint64_t *count,
                                   struct pst_error **error);

/**
 * An item that is lost, by a number from 0; absent beyond the last. 1,000 are kept.
 *
 * The text lives as long as the recovery.
 */
enum pst_status pst_recovery_lost_item(const struct pst_recovery *recovery,
                                       size_t index,
                                       struct pst_lost_item *item,
                                       struct pst_error **error);

/**
 * How a node was found (`tree`, `leaf-page` and others), and how sure that is (`high`, `medium` or `low`).
 *
 * The texts live as long as the recovery.
 */
enum pst_status pst_recovery_source_of(const struct pst_recovery *recovery,
                                       uint32_t node,
                                       struct pst_str *source,
                                       struct pst_str *confidence,
                                       struct pst_error **error);

/**
 * Frees a recovery. The store taken from it stays. NULL is fine.
 */
void pst_recovery_free(struct pst_recovery *recovery);

/**
 * The name of a status: one lower-case word with hyphens, such as `not-pst`; `unknown` for a number that is none.
 *
 * The text lives as long as the library; do not free it.
 */
const char *pst_status_name(uint32_t status);

/**
 * Opens a file; only its header is read. `path` is in the bytes of the system (UTF-8 on Windows). `options` may be NULL.
 *
 * The store is the caller's, to be freed with `pst_store_free`. If another program cuts a mapped file short while it is
 * read, the system ends the process: see `PST_MAPPING_NEVER`.
 */
enum pst_status pst_store_open(const char *path,
                               const struct pst_options *options,
                               struct pst_store **store,
                               struct pst_error **error);

/**
 * Opens a file that is in memory. The bytes are copied and may go as soon as this returns. `options` may be NULL.
 *
 * The store is the caller's, to be freed with `pst_store_free`.
 */
enum pst_status pst_store_open_copy(const uint8_t *data,
                                    size_t length,
                                    const struct pst_options *options,
                                    struct pst_store **store,
                                    struct pst_error **error);

/**
 * Opens a file that is in memory without a copy. `options` may be NULL.
 *
 * The bytes are lent: they must stay, and not change, until `release` is called with `user`, which is once the store and
 * all that was taken from it are freed. If this fails, `release` is not called. `release` may be NULL for bytes that stay
 * for ever. The store is the caller's, to be freed with `pst_store_free`.
 */
enum pst_status pst_store_open_borrowed(const uint8_t *data,
                                        size_t length,
                                        pst_on_release release,
                                        void *user,
                                        const struct pst_options *options,
                                        struct pst_store **store,
                                        struct pst_error **error);

/**
 * Bytes of the file.
 */
enum pst_status pst_store_file_size(const struct pst_store *store, uint64_t *size, struct pst_error **error);

/**
 * Bytes that are missing at the end of the file, by what its header says; 0 of a whole one.
 */
enum pst_status pst_store_missing_bytes(const struct pst_store *store, uint64_t *bytes, struct pst_error **error);

/**
 * The layout of the file: `ansi`, `unicode` or `unicode4k`.
 *
 * The text lives as long as the store.
 */
enum pst_status pst_store_layout(const struct pst_store *store, struct pst_str *layout, struct pst_error **error);

/**
 * What kind of file it is: `pst`, `ost` or `pab`.
 *
 * The text lives as long as the store.
 */
enum pst_status pst_store_client(const struct pst_store *store, struct pst_str *client, struct pst_error **error);

/**
 * How blocks are encoded: `none`, `permute`, `cyclic` or another word. That is no protection.
 *
 * The text lives as long as the store.
 */
enum pst_status pst_store_crypt(const struct pst_store *store, struct pst_str *crypt, struct pst_error **error);

/**
 * The display name of the store.
 *
 * The text lives as long as the store.
 */
enum pst_status pst_store_name(const struct pst_store *store, struct pst_str *name, struct pst_error **error);

/**
 * Whether the store has a password, which is only a checksum that Outlook compares: it is read without.
 */
enum pst_status pst_store_has_password(const struct pst_store *store, bool *has, struct pst_error **error);

/**
 * The folder above all others, which people do not see.
 *
 * The folder is the caller's, to be freed with `pst_folder_free`.
 */
enum pst_status pst_store_root_folder(const struct pst_store *store,
                                      struct pst_folder **folder,
                                      struct pst_error **error);

/**
 * The folder with this node id.
 *
 * The folder is the caller's, to be freed with `pst_folder_free`.
 */
enum pst_status pst_store_folder(const struct pst_store *store,
                                 uint32_t node,
                                 struct pst_folder **folder,
                                 struct pst_error **error);

/**
 * The folder a mail program uses for something: a `pst_special_folder`. `PST_STATUS_ABSENT` if the store names none.
 *
 * The folder is the caller's, to be freed with `pst_folder_free`.
 */
enum pst_status pst_store_special_folder(const struct pst_store *store,
                                         uint32_t which,
                                         struct pst_folder **folder,
                                         struct pst_error **error);

/**
 * Walks all folders, the root first, each before those in it. A folder that cannot be read does not end the walk.
 *
 * The iterator is the caller's, to be freed with `pst_folder_iter_free`.
 */
enum pst_status pst_store_folders(const struct pst_store *store,
                                  struct pst_folder_iter **folders,
                                  struct pst_error **error);

/**
 * Walks all messages of the file, listed in a folder or not, associated ones too, in the order of their ids.
 *
 * The iterator is the caller's, to be freed with `pst_message_iter_free`.
 */
enum pst_status pst_store_messages(const struct pst_store *store,
                                   struct pst_message_iter **messages,
                                   struct pst_error **error);

/**
 * The message with this node id.
 *
 * The message is the caller's, to be freed with `pst_message_free`.
 */
enum pst_status pst_store_message(const struct pst_store *store,
                                  uint32_t node,
                                  struct pst_message **message,
                                  struct pst_error **error);

/**
 * The properties of the store itself.
 *
 * They are the caller's, to be freed with `pst_properties_free`.
 */
enum pst_status pst_store_properties(const struct pst_store *store,
                                     struct pst_properties **properties,
                                     struct pst_error **error);

/**
 * The id, 0x8000 or above, that a property with a number has in this store. `PST_STATUS_ABSENT` if it has none.
 */
enum pst_status pst_store_named_id(const struct pst_store *store,
                                   const struct pst_guid *set,
                                   uint32_t number,
                                   uint16_t *id,
                                   struct pst_error **error);

/**
 * The id, 0x8000 or above, that a property with a name has in this store. `PST_STATUS_ABSENT` if it has none.
 */
enum pst_status pst_store_named_id_by_text(const struct pst_store *store,
                                           const struct pst_guid *set,
                                           const char *name,
                                           uint16_t *id,
                                           struct pst_error **error);

/**
 * What a property id of 0x8000 or above is called in this store: its set (zeros if none), and its number or, if it is
 * named by text, `name`; the other is left alone. `PST_STATUS_ABSENT` if the store does not know the id.
 *
 * The text lives as long as the store.
 */
enum pst_status pst_store_property_name(const struct pst_store *store,
                                        uint16_t id,
                                        struct pst_guid *set,
                                        uint32_t *number,
                                        struct pst_str *name,
                                        struct pst_error **error);

/**
 * Frees a store. What was taken from it stays. NULL is fine.
 */
void pst_store_free(struct pst_store *store);

/**
 * Copies a store to a new file; node ids and all else stay. That compacts a file, writes a recovered one, and with
 * `write_options` converts: without them layout and encoding stay as well, but an OST becomes a PST. `filter` and
 * `on_event` may be NULL. A file appears under its name when it is complete.
 */
enum pst_status pst_store_copy(const struct pst_store *store,
                               const char *path,
                               const struct pst_write_options *write_options,
                               const struct pst_filter *filter,
                               pst_on_event on_event,
                               void *user,
                               struct pst_summary *summary,
                               struct pst_error **error);

/**
 * Begins a merge: stores are added one after the other, and folders with the same path become one. `duplicates` is a
 * `pst_duplicate_by`; `subfolders` gives each store a folder of its own. `write_options` and `filter` may be NULL.
 *
 * The merge is the caller's, to be freed with `pst_merge_free`; without `pst_merge_finish` there is no file.
 */
enum pst_status pst_merge_new(const char *path,
                              const struct pst_write_options *write_options,
                              const struct pst_filter *filter,
                              uint32_t duplicates,
                              bool subfolders,
                              struct pst_merge **merge,
                              struct pst_error **error);

/**
 * Adds a store. `name` is that of its folder, if each has one. `on_event` may be NULL. The summary is that of this store.
 * Behind a failure the merge can only be freed.
 */
enum pst_status pst_merge_add(struct pst_merge *merge,
                              const struct pst_store *store,
                              const char *name,
                              pst_on_event on_event,
                              void *user,
                              struct pst_summary *summary,
                              struct pst_error **error);

/**
 * Completes the file. The merge can only be freed afterwards, be it a success or not. The summary is that of all stores.
 */
enum pst_status pst_merge_finish(struct pst_merge *merge,
                                 struct pst_summary *summary,
                                 struct pst_error **error);

/**
 * Frees a merge. NULL is fine.
 */
void pst_merge_free(struct pst_merge *merge);

/**
 * Splits a store into files, each a store of its own with the folders it needs; none appears before all are complete.
 * `by` is a `pst_split_by`; `max_size` the most bytes of a file, 0 for any. `write_options`, `filter` and `on_event` may be
 * NULL.
 */
enum pst_status pst_store_split(const struct pst_store *store,
                                uint32_t by,
                                uint64_t max_size,
                                const struct pst_write_options *write_options,
                                const struct pst_filter *filter,
                                pst_name_part name_part,
                                pst_on_event on_event,
                                void *user,
                                struct pst_summary *summary,
                                struct pst_error **error);

/**
 * Checks a file that need not have a sound header: whatever is wrong is in the report, and only a file that cannot be
 * opened or read at all is a failure. `quick` leaves the contents of folders and messages out. The report keeps
 * `max_findings`; all are counted, and told to `on_finding`. A callback that stops the check gives a report that says so.
 * `options` and both callbacks may be NULL.
 *
 * The report is the caller's, to be freed with `pst_report_free`.
 */
enum pst_status pst_verify(const char *path,
                           const struct pst_options *options,
                           bool quick,
                           size_t max_findings,
                           pst_on_finding on_finding,
                           pst_on_progress on_progress,
                           void *user,
                           struct pst_report **report,
                           struct pst_error **error);

/**
 * Checks a store that is open, as `pst_verify`.
 *
 * The report is the caller's, to be freed with `pst_report_free`.
 */
enum pst_status pst_store_verify(const struct pst_store *store,
                                 bool quick,
                                 size_t max_findings,
                                 pst_on_finding on_finding,
                                 pst_on_progress on_progress,
                                 void *user,
                                 struct pst_report **report,
                                 struct pst_error **error);

/**
 * What the check comes to.
 */
enum pst_status pst_report_verdict(const struct pst_report *report,
                                   enum pst_verdict *verdict,
                                   struct pst_error **error);

/**
 * Whether the check came to its end.
 */
enum pst_status pst_report_is_complete(const struct pst_report *report, bool *is, struct pst_error **error);

/**
 * How much was checked.
 */
enum pst_status pst_report_totals(const struct pst_report *report, struct pst_totals *totals, struct pst_error **error);

/**
 * How many findings of a severity there are, those not kept included: a `pst_severity`.
 */
enum pst_status pst_report_count(const struct pst_report *report,
                                 uint32_t severity,
                                 uint64_t *count,
                                 struct pst_error **error);

/**
 * A finding the report keeps, by a number from 0; absent beyond the last.
 *
 * The texts live as long as the report.
 */
enum pst_status pst_report_finding(const struct pst_report *report,
                                   size_t index,
                                   struct pst_finding *finding,
                                   struct pst_error **error);

/**
 * Frees a report. NULL is fine.
 */
void pst_report_free(struct pst_report *report);

/**
 * The version of the library, such as `0.1.0`.
 *
 * The text lives as long as the library; do not free it.
 */
const char *pst_version(void);

/**
 * The number of the interface of the library that runs. Compare it with `PST_ABI_VERSION` of the header.
 */
uint32_t pst_abi_version(void);

/**
 * How many handles there are that were not freed, of all types and threads. Zero at the end of a program means that
 * nothing was forgotten.
 */
size_t pst_live_handles(void);

/**
 * Begins a new file. It appears under its name when it is finished. `options` may be NULL.
 *
 * The writer is the caller's, to be freed with `pst_writer_free`; without `pst_writer_finish` there is no file.
 */
enum pst_status pst_writer_create(const char *path,
                                  const struct pst_write_options *options,
                                  struct pst_writer **writer,
                                  struct pst_error **error);

/**
 * The folder above all others, which people do not see.
 */
enum pst_status pst_writer_root(struct pst_writer *writer, uint32_t *folder, struct pst_error **error);

/**
 * The top of the folders a person sees.
 */
enum pst_status pst_writer_ipm_subtree(struct pst_writer *writer, uint32_t *folder, struct pst_error **error);

/**
 * The folder for what was deleted.
 */
enum pst_status pst_writer_deleted_items(struct pst_writer *writer, uint32_t *folder, struct pst_error **error);

/**
 * The parent of search folders.
 */
enum pst_status pst_writer_finder(struct pst_writer *writer, uint32_t *folder, struct pst_error **error);

/**
 * Makes a folder. `class` is what it is made for, such as `IPF.Contact`; NULL for mail.
 */
enum pst_status pst_writer_create_folder(struct pst_writer *writer,
                                         uint32_t parent,
                                         const char *name,
                                         const char *class_,
                                         uint32_t *folder,
                                         struct pst_error **error);

/**
 * Makes a search folder.
 */
enum pst_status pst_writer_create_search_folder(struct pst_writer *writer,
                                                uint32_t parent,
                                                const char *name,
                                                uint32_t *folder,
                                                struct pst_error **error);

/**
 * Says what mail programs use a folder for: a `pst_special_folder`.
 */
enum pst_status pst_writer_designate(struct pst_writer *writer,
                                     uint32_t folder,
                                     uint32_t which,
                                     struct pst_error **error);

/**
 * Sets properties of a folder. The bag stays the caller's.
 */
enum pst_status pst_writer_set_folder_properties(struct pst_writer *writer,
                                                 uint32_t folder,
                                                 const struct pst_bag *bag,
                                                 struct pst_error **error);

/**
 * Sets properties of the store. The bag stays the caller's.
 */
enum pst_status pst_writer_set_store_properties(struct pst_writer *writer,
                                                const struct pst_bag *bag,
                                                struct pst_error **error);

/**
 * The id, 0x8000 or above, of a property with a number; the new file gets the name if it has not got it yet.
 */
enum pst_status pst_writer_named_id(struct pst_writer *writer,
                                    const struct pst_guid *set,
                                    uint32_t number,
                                    uint16_t *id,
                                    struct pst_error **error);

/**
 * The id, 0x8000 or above, of a property with a name; the new file gets the name if it has not got it yet.
 */
enum pst_status pst_writer_named_id_by_text(struct pst_writer *writer,
                                            const struct pst_guid *set,
                                            const char *name,
                                            uint16_t *id,
                                            struct pst_error **error);

/**
 * Writes a draft into a folder. `node` may be NULL.
 *
 * The draft is used up, be it a success or not, and still to be freed. After `PST_STATUS_NOT_FOUND`, `_WRONG_TYPE`,
 * `_INVALID_INPUT` and most `_LIMIT` the next may follow; `pst_writer_is_broken` tells.
 */
enum pst_status pst_writer_add(struct pst_writer *writer,
                               uint32_t folder,
                               struct pst_draft *draft,
                               uint32_t *node,
                               struct pst_error **error);

/**
 * Writes a draft as a hidden item of a folder, as programs keep settings. As `pst_writer_add`.
 */
enum pst_status pst_writer_add_associated(struct pst_writer *writer,
                                          uint32_t folder,
                                          struct pst_draft *draft,
                                          uint32_t *node,
                                          struct pst_error **error);

/**
 * Writes a message into a folder: one of a store is copied with all it has, a mail becomes an item. What could not be
 * carried is told by the conversion. `node` and `conversion` may be NULL.
 *
 * The conversion is the caller's, to be freed with `pst_conversion_free`. The message is left as it is.
 */
enum pst_status pst_writer_add_message(struct pst_writer *writer,
                                       uint32_t folder,
                                       const struct pst_message *message,
                                       uint32_t *node,
                                       struct pst_conversion **conversion,
                                       struct pst_error **error);

/**
 * About how many bytes the file will have.
 */
enum pst_status pst_writer_estimated_size(struct pst_writer *writer, uint64_t *size, struct pst_error **error);

/**
 * Whether a failure left the file so that it cannot be continued.
 */
enum pst_status pst_writer_is_broken(struct pst_writer *writer, bool *is, struct pst_error **error);

/**
 * Completes the file, which then appears under its name. The writer can only be freed afterwards, be it a success or not.
 */
enum pst_status pst_writer_finish(struct pst_writer *writer,
                                  struct pst_error **error);

/**
 * Frees a writer; if it was not finished, nothing stays of the file. NULL is fine.
 */
void pst_writer_free(struct pst_writer *writer);

/**
 * Makes options with the defaults: a Unicode PST as Outlook makes them. They are the caller's, to be freed with
 * `pst_write_options_free`.
 */
enum pst_status pst_write_options_new(struct pst_write_options **options, struct pst_error **error);

/**
 * Sets how blocks are encoded: a `pst_crypt`.
 */
enum pst_status pst_write_options_set_crypt(struct pst_write_options *options,
                                            uint32_t crypt,
                                            struct pst_error **error);

/**
 * Writes an ANSI PST, which ends below 2 GB, with text in this Windows code page, such as 1252.
 */
enum pst_status pst_write_options_set_ansi(struct pst_write_options *options,
                                           uint32_t code_page,
                                           struct pst_error **error);

/**
 * Sets whether a file that is there already is replaced (default false), once the new one is complete.
 */
enum pst_status pst_write_options_set_overwrite(struct pst_write_options *options,
                                                bool overwrite,
                                                struct pst_error **error);

/**
 * Sets whether equal large values, such as one attachment of many messages, are stored once (default false).
 */
enum pst_status pst_write_options_set_share_data(struct pst_write_options *options,
                                                 bool share,
                                                 struct pst_error **error);

/**
 * Sets the display name of the store.
 */
enum pst_status pst_write_options_set_name(struct pst_write_options *options,
                                           const char *name,
                                           struct pst_error **error);

/**
 * Sets the GUID of the store. Without it each has a new one.
 */
enum pst_status pst_write_options_set_record_key(struct pst_write_options *options,
                                                 const struct pst_guid *key,
                                                 struct pst_error **error);

/**
 * Sets the time that counts as now, as 100 ns since 1601. With it and a record key the same calls give the same bytes.
 */
enum pst_status pst_write_options_set_now(struct pst_write_options *options,
                                          uint64_t filetime,
                                          struct pst_error **error);

/**
 * Sets the most bytes of the file; beyond it writing fails.
 */
enum pst_status pst_write_options_set_max_size(struct pst_write_options *options,
                                               uint64_t bytes,
                                               struct pst_error **error);

/**
 * Frees options. NULL is fine.
 */
void pst_write_options_free(struct pst_write_options *options);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* PST_H */
