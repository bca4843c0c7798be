/*
 * What the interface promises, tried on one file: numbers of enums, handles that were freed, errors with their places,
 * outputs that stay as they were, borrowed bytes, callbacks that stop, hostile files, two threads on one handle.
 *
 *     checks SAMPLE.pst SCRATCH_DIRECTORY MUTATIONS
 */
#include <pst.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The numbers as they were given out. None may ever change. */
#define NUMBER(name, number) _Static_assert((int)(name) == (number), #name)
NUMBER(PST_STATUS_OK, 0);
NUMBER(PST_STATUS_DONE, 1);
NUMBER(PST_STATUS_ABSENT, 2);
NUMBER(PST_STATUS_NULL_POINTER, 10);
NUMBER(PST_STATUS_BAD_HANDLE, 11);
NUMBER(PST_STATUS_NOT_UTF8, 12);
NUMBER(PST_STATUS_INVALID_INPUT, 13);
NUMBER(PST_STATUS_BUSY, 14);
NUMBER(PST_STATUS_USED_UP, 15);
NUMBER(PST_STATUS_CANCELLED, 16);
NUMBER(PST_STATUS_IO, 20);
NUMBER(PST_STATUS_FILE_NOT_FOUND, 21);
NUMBER(PST_STATUS_NOT_PST, 22);
NUMBER(PST_STATUS_UNSUPPORTED, 23);
NUMBER(PST_STATUS_CORRUPT, 24);
NUMBER(PST_STATUS_CHECKSUM, 25);
NUMBER(PST_STATUS_LIMIT, 26);
NUMBER(PST_STATUS_NOT_FOUND, 27);
NUMBER(PST_STATUS_WRONG_TYPE, 28);
NUMBER(PST_STATUS_OTHER, 90);
NUMBER(PST_STATUS_PANIC, 99);
NUMBER(PST_MAPPING_AUTO, 0);
NUMBER(PST_MAPPING_ALWAYS, 1);
NUMBER(PST_MAPPING_NEVER, 2);
NUMBER(PST_LIMIT_VALUE_BYTES, 0);
NUMBER(PST_LIMIT_RTF_BYTES, 1);
NUMBER(PST_LIMIT_SUBNODE_DEPTH, 2);
NUMBER(PST_LIMIT_EMBEDDED_MESSAGES, 3);
NUMBER(PST_LIMIT_FOLDER_DEPTH, 4);
NUMBER(PST_LIMIT_CACHE_BYTES, 5);
NUMBER(PST_SPECIAL_FOLDER_IPM_SUBTREE, 0);
NUMBER(PST_SPECIAL_FOLDER_DELETED_ITEMS, 1);
NUMBER(PST_SPECIAL_FOLDER_FINDER, 2);
NUMBER(PST_SPECIAL_FOLDER_COMMON_VIEWS, 3);
NUMBER(PST_SPECIAL_FOLDER_VIEWS, 4);
NUMBER(PST_SPECIAL_FOLDER_INBOX, 5);
NUMBER(PST_SPECIAL_FOLDER_OUTBOX, 6);
NUMBER(PST_SPECIAL_FOLDER_SENT_ITEMS, 7);
NUMBER(PST_SPECIAL_FOLDER_DRAFTS, 8);
NUMBER(PST_SPECIAL_FOLDER_CALENDAR, 9);
NUMBER(PST_SPECIAL_FOLDER_CONTACTS, 10);
NUMBER(PST_SPECIAL_FOLDER_JOURNAL, 11);
NUMBER(PST_SPECIAL_FOLDER_NOTES, 12);
NUMBER(PST_SPECIAL_FOLDER_TASKS, 13);
NUMBER(PST_SPECIAL_FOLDER_JUNK_MAIL, 14);
NUMBER(PST_ROLE_NONE, 0);
NUMBER(PST_ROLE_TO, 1);
NUMBER(PST_ROLE_CC, 2);
NUMBER(PST_ROLE_BCC, 3);
NUMBER(PST_ROLE_REPLY_TO, 4);
NUMBER(PST_ROLE_ORIGINATOR, 5);
NUMBER(PST_ROLE_SENDER, 6);
NUMBER(PST_ROLE_REPRESENTING, 7);
NUMBER(PST_ROLE_RECIPIENT, 8);
NUMBER(PST_ROLE_UNSPECIFIED, 9);
NUMBER(PST_ROLE_MAILBOX, 10);
NUMBER(PST_ROLE_OTHER, 99);
NUMBER(PST_CONTENT_NOTHING, 0);
NUMBER(PST_CONTENT_FILE, 1);
NUMBER(PST_CONTENT_MESSAGE, 2);
NUMBER(PST_CONTENT_OLE, 3);
NUMBER(PST_CONTENT_REFERENCE, 4);
NUMBER(PST_SEVERITY_COSMETIC, 0);
NUMBER(PST_SEVERITY_DEGRADED, 1);
NUMBER(PST_SEVERITY_LOSS, 2);
NUMBER(PST_SEVERITY_FATAL, 3);
NUMBER(PST_VERDICT_SOUND, 0);
NUMBER(PST_VERDICT_DEGRADED, 1);
NUMBER(PST_VERDICT_DAMAGED, 2);
NUMBER(PST_VERDICT_UNUSABLE, 3);
NUMBER(PST_VERDICT_UNFINISHED, 4);
NUMBER(PST_EVENT_KIND_WRITTEN, 0);
NUMBER(PST_EVENT_KIND_SKIPPED, 1);
NUMBER(PST_EVENT_KIND_FAILED, 2);
NUMBER(PST_EVENT_KIND_FOLDER, 3);
NUMBER(PST_EVENT_KIND_DAMAGED_FOLDER, 4);
NUMBER(PST_EVENT_KIND_UNREADABLE, 5);
NUMBER(PST_EVENT_KIND_FOLDER_PATTERN, 6);
NUMBER(PST_EVENT_KIND_SEARCH_FOLDER, 7);
NUMBER(PST_EVENT_KIND_PLANNED, 8);
NUMBER(PST_EVENT_KIND_KNOWN, 9);
NUMBER(PST_EVENT_KIND_GOES_ON, 10);
NUMBER(PST_EVENT_KIND_OTHER, 99);
NUMBER(PST_RECOVERED_LOST_ITEMS, 0);
NUMBER(PST_RECOVERED_NODES, 1);
NUMBER(PST_RECOVERED_NODES_REBUILT, 2);
NUMBER(PST_RECOVERED_NODES_DELETED, 3);
NUMBER(PST_RECOVERED_NODES_FRAGMENTS, 4);
NUMBER(PST_RECOVERED_BLOCKS_FOUND, 5);
NUMBER(PST_RECOVERED_BLOCKS_REPLACED, 6);
NUMBER(PST_RECOVERED_BLOCKS_UNREADABLE, 7);
NUMBER(PST_RECOVERED_BLOCKS_BEYOND_END, 8);
NUMBER(PST_RECOVERED_BLOCKS_AMBIGUOUS, 9);
NUMBER(PST_RECOVERED_FOLDERS_MADE, 10);
NUMBER(PST_RECOVERED_FOLDERS_ATTACHED, 11);
NUMBER(PST_RECOVERED_ORPHANS, 12);
NUMBER(PST_RECOVERED_TABLES, 13);
NUMBER(PST_RECOVERED_MISSING_BYTES, 14);
NUMBER(PST_RECOVERED_PAGES_LOST, 15);
NUMBER(PST_RECOVER_ALWAYS_SCAN, 1);
NUMBER(PST_RECOVER_DELETED, 2);
NUMBER(PST_RECOVER_FRAGMENTS, 4);
NUMBER(PST_DUPLICATE_BY_NONE, 0);
NUMBER(PST_DUPLICATE_BY_MESSAGE_ID, 1);
NUMBER(PST_DUPLICATE_BY_CONTENT, 2);
NUMBER(PST_SPLIT_BY_SIZE, 0);
NUMBER(PST_SPLIT_BY_YEAR, 1);
NUMBER(PST_SPLIT_BY_TOP_FOLDER, 2);
NUMBER(PST_SPLIT_BY_FOLDER, 3);
NUMBER(PST_EXPORT_FORMAT_EML, 0);
NUMBER(PST_EXPORT_FORMAT_MBOX, 1);
NUMBER(PST_EXPORT_FORMAT_MAILDIR, 2);
NUMBER(PST_EXPORT_FORMAT_JSON, 3);
NUMBER(PST_CRYPT_NONE, 0);
NUMBER(PST_CRYPT_PERMUTE, 1);
NUMBER(PST_CRYPT_CYCLIC, 2);

/* Structs are as large as they were. */
_Static_assert(sizeof(pst_str) == sizeof(void *) + sizeof(size_t), "pst_str");
_Static_assert(sizeof(pst_bytes) == sizeof(void *) + sizeof(size_t), "pst_bytes");
_Static_assert(sizeof(pst_time) == 24, "pst_time");
_Static_assert(sizeof(pst_guid) == 16, "pst_guid");
_Static_assert(sizeof(pst_summary) == 88, "pst_summary");
_Static_assert(sizeof(pst_totals) == 72, "pst_totals");

#define CHECK(condition)                                                           \
    do {                                                                           \
        if (!(condition)) {                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                               \
        }                                                                          \
    } while (0)

#define OK(call) CHECK((call) == PST_STATUS_OK)

static unsigned char *bytes_of(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    unsigned char *bytes;
    CHECK(file != NULL);
    CHECK(fseek(file, 0, SEEK_END) == 0);
    *length = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(*length);
    CHECK(bytes != NULL && fread(bytes, 1, *length, file) == *length);
    fclose(file);
    return bytes;
}

static void versions(void) {
    CHECK(pst_abi_version() == PST_ABI_VERSION);
    CHECK(strchr(pst_version(), '.') != NULL);
    CHECK(strcmp(pst_status_name(PST_STATUS_NOT_PST), "not-pst") == 0);
    CHECK(strcmp(pst_status_name(12345), "unknown") == 0);
}

static void errors(const char *sample, const char *scratch) {
    pst_error *error = NULL;
    pst_store *store = (pst_store *)(uintptr_t)77;
    pst_folder *folder = NULL;
    pst_message *message = NULL;
    uint64_t place = 42;
    char path[4096];
    snprintf(path, sizeof path, "%s/is-not-there.pst", scratch);
    CHECK(pst_store_open(path, NULL, &store, &error) == PST_STATUS_FILE_NOT_FOUND);
    CHECK(store == (pst_store *)(uintptr_t)77);
    CHECK(pst_error_status(error) == PST_STATUS_FILE_NOT_FOUND);
    CHECK(pst_error_text(error) != NULL && pst_error_text(error) == pst_error_text(error));
    CHECK(pst_error_offset(error, &place) == PST_STATUS_ABSENT && place == 42);
    pst_error_free(error);
    CHECK(pst_error_text(error) == NULL && pst_error_status(error) == PST_STATUS_BAD_HANDLE);
    pst_error_free(error);
    pst_error_free(NULL);

    error = NULL;
    CHECK(pst_store_open_copy((const uint8_t *)"no PST", 6, NULL, &store, &error) == PST_STATUS_NOT_PST);
    pst_error_free(error);
    CHECK(pst_store_open_copy((const uint8_t *)"no PST", 6, NULL, &store, NULL) == PST_STATUS_NOT_PST);
    CHECK(pst_store_open_copy(NULL, 6, NULL, &store, NULL) == PST_STATUS_NULL_POINTER);
    CHECK(pst_store_open(scratch, NULL, &store, NULL) == PST_STATUS_INVALID_INPUT);

    OK(pst_store_open(sample, NULL, &store, &error));
    CHECK(pst_store_message(store, 0x7FFFFFE4, &message, &error) == PST_STATUS_NOT_FOUND);
    CHECK(pst_error_node(error, &place) == PST_STATUS_OK && place == 0x7FFFFFE4);
    pst_error_free(error);
    CHECK(pst_store_folder(store, 0x21, &folder, NULL) == PST_STATUS_WRONG_TYPE);
    CHECK(pst_store_special_folder(store, 999, &folder, NULL) == PST_STATUS_INVALID_INPUT);
    CHECK(folder == NULL && message == NULL);
    pst_store_free(store);
}

static void freed_handles(const char *sample) {
    pst_store *store = NULL;
    pst_folder *folder = NULL;
    pst_str name = {NULL, 0};
    uint64_t size = 7;
    OK(pst_store_open(sample, NULL, &store, NULL));
    OK(pst_store_root_folder(store, &folder, NULL));
    pst_store_free(store);
    pst_store_free(store);
    CHECK(pst_store_file_size(store, &size, NULL) == PST_STATUS_BAD_HANDLE && size == 7);
    /* The folder keeps the file open. */
    OK(pst_folder_name(folder, &name, NULL));
    /* A handle of another type is none. */
    CHECK(pst_store_file_size((pst_store *)(void *)folder, &size, NULL) == PST_STATUS_BAD_HANDLE);
    pst_store_free((pst_store *)(void *)folder);
    OK(pst_folder_name(folder, &name, NULL));
    CHECK(pst_folder_name(NULL, &name, NULL) == PST_STATUS_NULL_POINTER);
    CHECK(pst_folder_name(folder, NULL, NULL) == PST_STATUS_NULL_POINTER);
    pst_folder_free(folder);
    CHECK(pst_folder_name(folder, &name, NULL) == PST_STATUS_BAD_HANDLE);
    /* A new object does not answer to an old handle, even in the same place of the table. */
    OK(pst_store_open(sample, NULL, &store, NULL));
    CHECK(pst_folder_name(folder, &name, NULL) == PST_STATUS_BAD_HANDLE);
    pst_store_free(store);
    CHECK(pst_store_file_size((pst_store *)(uintptr_t)0xDEADBEEF, &size, NULL) == PST_STATUS_BAD_HANDLE);
}

static void released(void *user) {
    ++*(int *)user;
}

static void borrowed(const unsigned char *bytes, size_t length) {
    pst_store *store = NULL;
    pst_folder *folder = NULL;
    int count = 0;
    CHECK(pst_store_open_borrowed((const uint8_t *)"no PST", 6, released, &count, NULL, &store, NULL) == PST_STATUS_NOT_PST);
    CHECK(count == 0);
    OK(pst_store_open_borrowed(bytes, length, released, &count, NULL, &store, NULL));
    OK(pst_store_root_folder(store, &folder, NULL));
    pst_store_free(store);
    CHECK(count == 0);
    pst_folder_free(folder);
    CHECK(count == 1);
    OK(pst_store_open_borrowed(bytes, length, NULL, NULL, NULL, &store, NULL));
    pst_store_free(store);
}

static bool stop(void *user, const pst_progress *progress) {
    (void)user;
    (void)progress;
    return false;
}

static bool count_findings(void *user, const pst_finding *finding) {
    CHECK(finding->rule.length > 0 && finding->text.length > 0 && finding->text.data[finding->text.length] == 0);
    ++*(int *)user;
    return true;
}

static bool stop_write(void *user, const uint8_t *data, size_t length) {
    (void)user;
    (void)data;
    (void)length;
    return false;
}

static void callbacks(const char *sample) {
    pst_report *report = NULL;
    pst_verdict verdict;
    pst_recovery *recovery = NULL;
    pst_message *message = NULL;
    pst_conversion *conversion = (pst_conversion *)(uintptr_t)1;
    bool is = true;
    int findings = 0;
    OK(pst_verify(sample, NULL, false, 10, count_findings, NULL, &findings, &report, NULL));
    OK(pst_report_verdict(report, &verdict, NULL));
    CHECK(verdict == PST_VERDICT_SOUND && findings == 0);
    pst_report_free(report);
    OK(pst_verify(sample, NULL, false, 10, NULL, stop, NULL, &report, NULL));
    OK(pst_report_is_complete(report, &is, NULL));
    CHECK(!is);
    pst_report_free(report);
    CHECK(pst_recover(sample, NULL, PST_RECOVER_ALWAYS_SCAN, stop, NULL, &recovery, NULL) == PST_STATUS_CANCELLED);
    CHECK(pst_recover(sample, NULL, 128, NULL, NULL, &recovery, NULL) == PST_STATUS_INVALID_INPUT);
    OK(pst_message_parse((const uint8_t *)"Subject: x\r\n\r\nHi", 16, &message, NULL));
    CHECK(pst_message_to_mime(message, NULL, stop_write, NULL, &conversion, NULL) == PST_STATUS_CANCELLED);
    CHECK(conversion == (pst_conversion *)(uintptr_t)1);
    CHECK(pst_message_to_mime(message, NULL, NULL, NULL, NULL, NULL) == PST_STATUS_NULL_POINTER);
    pst_message_free(message);
}

/* Reads a bit of everything of a file in memory, and forgets what is wrong. */
static void look(const unsigned char *bytes, size_t length) {
    pst_store *store = NULL;
    pst_message_iter *messages = NULL;
    pst_message *message = NULL;
    pst_status status;
    if (pst_store_open_copy(bytes, length, NULL, &store, NULL) != PST_STATUS_OK) {
        return;
    }
    if (pst_store_messages(store, &messages, NULL) == PST_STATUS_OK) {
        int most = 1000;
        while ((status = pst_message_iter_next(messages, &message, NULL)) != PST_STATUS_DONE && --most > 0) {
            pst_str text;
            pst_buffer *mail = NULL;
            CHECK(status != PST_STATUS_PANIC);
            if (status != PST_STATUS_OK) {
                continue;
            }
            CHECK(pst_message_subject(message, &text, NULL) != PST_STATUS_PANIC);
            CHECK(pst_message_to_mime_buffer(message, NULL, &mail, NULL, NULL) != PST_STATUS_PANIC);
            pst_buffer_free(mail);
            pst_message_free(message);
        }
    }
    pst_message_iter_free(messages);
    pst_store_free(store);
}

static void hostile(const unsigned char *bytes, size_t length, int mutations) {
    unsigned char *copy = malloc(length);
    unsigned seed = 1;
    CHECK(copy != NULL);
    for (int i = 0; i <= 4; i++) {
        look(bytes, length / 4 * (size_t)i);
    }
    for (int i = 0; i < mutations; i++) {
        memcpy(copy, bytes, length);
        for (int j = 0; j < 8; j++) {
            seed = seed * 1103515245u + 12345u;
            copy[(seed >> 4) % length] = (unsigned char)(seed >> 24);
        }
        look(copy, length);
    }
    free(copy);
}

struct shared {
    const pst_store *store;
    pst_message_iter *messages;
    int seen;
};

/* Two threads share a store and a walk: each message goes to one of them. */
static void *walk(void *argument) {
    struct shared *shared = argument;
    pst_message *message = NULL;
    while (pst_message_iter_next(shared->messages, &message, NULL) == PST_STATUS_OK) {
        pst_str one = {NULL, 0}, two = {NULL, 0};
        pst_folder *root = NULL;
        uint32_t id;
        OK(pst_store_root_folder(shared->store, &root, NULL));
        OK(pst_message_id(message, &id, NULL));
        CHECK(pst_message_subject(message, &one, NULL) == pst_message_subject(message, &two, NULL));
        CHECK(one.data == two.data);
        pst_folder_free(root);
        pst_message_free(message);
        shared->seen++;
    }
    return NULL;
}

static void threads(const char *sample) {
    pst_store *store = NULL;
    pst_message_iter *messages = NULL;
    pst_message *message = NULL;
    struct shared first, second;
    pthread_t one, two;
    int all = 0;
    OK(pst_store_open(sample, NULL, &store, NULL));
    OK(pst_store_messages(store, &messages, NULL));
    while (pst_message_iter_next(messages, &message, NULL) == PST_STATUS_OK) {
        pst_message_free(message);
        all++;
    }
    pst_message_iter_free(messages);
    OK(pst_store_messages(store, &messages, NULL));
    first = second = (struct shared){store, messages, 0};
    CHECK(pthread_create(&one, NULL, walk, &first) == 0 && pthread_create(&two, NULL, walk, &second) == 0);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    CHECK(all > 0 && first.seen + second.seen == all);
    pst_message_iter_free(messages);
    pst_store_free(store);
}

static bool reenter(void *user, const pst_event *event) {
    pst_summary summary;
    (void)event;
    /* The merge that calls back cannot be used from here. */
    CHECK(pst_merge_finish(user, &summary, NULL) == PST_STATUS_BUSY);
    return true;
}

static bool name_part(void *user, uint32_t number, const char *label, uint32_t piece, char *path, size_t capacity) {
    (void)label;
    (void)piece;
    return snprintf(path, capacity, "%s/part-%u.pst", (const char *)user, (unsigned)number) < (int)capacity;
}

/* What is written is read again. */
static void writing(const char *sample, const char *scratch) {
    static const char mail[] = "From: Ann <ann@example.com>\r\nTo: bob@example.com\r\nSubject: Mail\r\n\r\nHi\r\n";
    char path[4096], merged[4096];
    pst_write_options *options = NULL;
    pst_writer *writer = NULL;
    pst_draft *draft = NULL, *inner = NULL;
    pst_bag *bag = NULL;
    pst_message *message = NULL;
    pst_conversion *conversion = NULL;
    pst_store *store = NULL, *from = NULL;
    pst_folder *folder = NULL;
    pst_message_iter *messages = NULL;
    pst_properties *properties = NULL;
    pst_summary summary;
    pst_merge *merge = NULL;
    pst_person_iter *people = NULL;
    pst_person *person = NULL;
    pst_guid set = {{0x29, 3, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46}};
    pst_str text = {NULL, 0};
    pst_role role;
    uint32_t top = 0, inbox = 0, node = 0;
    uint16_t id = 0;
    size_t count = 99;
    int found = 0;
    snprintf(path, sizeof path, "%s/written.pst", scratch);
    OK(pst_write_options_new(&options, NULL));
    OK(pst_write_options_set_overwrite(options, true, NULL));
    OK(pst_write_options_set_name(options, "Gr\xC3\xBC\xC3\x9F" "e", NULL));
    CHECK(pst_write_options_set_name(options, "\xFF", NULL) == PST_STATUS_NOT_UTF8);
    OK(pst_writer_create(path, options, &writer, NULL));
    OK(pst_writer_ipm_subtree(writer, &top, NULL));
    OK(pst_writer_create_folder(writer, top, "Inbox", NULL, &inbox, NULL));
    CHECK(pst_writer_create_folder(writer, 0x12345, "x", NULL, &inbox, NULL) == PST_STATUS_NOT_FOUND);
    OK(pst_writer_designate(writer, inbox, PST_SPECIAL_FOLDER_INBOX, NULL));
    OK(pst_writer_named_id_by_text(writer, &set, "Colour", &id, NULL));
    CHECK(id >= 0x8000);
    OK(pst_bag_new(&bag, NULL));
    OK(pst_bag_set_string(bag, id, "blue", NULL));
    OK(pst_bag_set_integer32(bag, 0x0017, 2, NULL));
    OK(pst_draft_new("IPM.Note", &draft, NULL));
    OK(pst_draft_set_subject(draft, "RE: Lunch", NULL));
    OK(pst_draft_set_sender(draft, "Ann", "ann@example.com", NULL));
    OK(pst_draft_add_recipient(draft, PST_ROLE_CC, "Bob", "bob@example.com", NULL));
    CHECK(pst_draft_add_recipient(draft, PST_ROLE_SENDER, "Bob", "bob@example.com", NULL) == PST_STATUS_INVALID_INPUT);
    OK(pst_draft_set_plain_text(draft, "Gladly.", NULL));
    OK(pst_draft_set_properties(draft, bag, NULL));
    OK(pst_draft_attach(draft, "a.txt", "text/plain", NULL, (const uint8_t *)"abc", 3, NULL, NULL));
    OK(pst_draft_new("IPM.Note", &inner, NULL));
    OK(pst_draft_set_subject(inner, "Inside", NULL));
    OK(pst_draft_attach_message(draft, "Inside", inner, NULL, NULL));
    CHECK(pst_draft_set_subject(inner, "x", NULL) == PST_STATUS_USED_UP);
    pst_draft_free(inner);
    OK(pst_writer_add(writer, inbox, draft, &node, NULL));
    CHECK(pst_writer_add(writer, inbox, draft, &node, NULL) == PST_STATUS_USED_UP);
    pst_draft_free(draft);
    OK(pst_message_parse((const uint8_t *)mail, sizeof mail - 1, &message, NULL));
    OK(pst_writer_add_message(writer, inbox, message, NULL, &conversion, NULL));
    OK(pst_conversion_loss_count(conversion, &count, NULL));
    CHECK(count == 0);
    pst_conversion_free(conversion);
    pst_message_free(message);
    /* Everything of another store. */
    OK(pst_store_open(sample, NULL, &from, NULL));
    OK(pst_store_messages(from, &messages, NULL));
    while (pst_message_iter_next(messages, &message, NULL) == PST_STATUS_OK) {
        OK(pst_writer_add_message(writer, inbox, message, NULL, NULL, NULL));
        pst_message_free(message);
        found++;
    }
    pst_message_iter_free(messages);
    OK(pst_writer_finish(writer, NULL));
    CHECK(pst_writer_finish(writer, NULL) == PST_STATUS_USED_UP);
    pst_writer_free(writer);
    pst_bag_free(bag);

    OK(pst_store_open(path, NULL, &store, NULL));
    OK(pst_store_name(store, &text, NULL));
    CHECK(strcmp(text.data, "Gr\xC3\xBC\xC3\x9F" "e") == 0 && text.length == 7);
    OK(pst_store_special_folder(store, PST_SPECIAL_FOLDER_INBOX, &folder, NULL));
    OK(pst_folder_name(folder, &text, NULL));
    CHECK(strcmp(text.data, "Inbox") == 0);
    pst_folder_free(folder);
    OK(pst_store_message(store, node, &message, NULL));
    OK(pst_message_subject(message, &text, NULL));
    CHECK(strcmp(text.data, "RE: Lunch") == 0);
    OK(pst_message_recipients(message, &people, NULL));
    OK(pst_person_iter_next(people, &person, NULL));
    OK(pst_person_role(person, &role, NULL));
    OK(pst_person_smtp(person, &text, NULL));
    CHECK(role == PST_ROLE_CC && strcmp(text.data, "bob@example.com") == 0);
    pst_person_free(person);
    CHECK(pst_person_iter_next(people, &person, NULL) == PST_STATUS_DONE);
    pst_person_iter_free(people);
    OK(pst_store_named_id_by_text(store, &set, "Colour", &id, NULL));
    OK(pst_message_properties(message, &properties, NULL));
    OK(pst_properties_string(properties, id, 0, &text, NULL));
    CHECK(strcmp(text.data, "blue") == 0);
    CHECK(pst_properties_string(properties, 0x0017, 0, &text, NULL) == PST_STATUS_WRONG_TYPE);
    CHECK(pst_properties_string(properties, 0x3FFF, 0, &text, NULL) == PST_STATUS_ABSENT);
    pst_properties_free(properties);
    pst_message_free(message);

    snprintf(merged, sizeof merged, "%s/merged.pst", scratch);
    OK(pst_merge_new(merged, options, NULL, PST_DUPLICATE_BY_CONTENT, false, &merge, NULL));
    OK(pst_merge_add(merge, from, "first", reenter, merge, &summary, NULL));
    OK(pst_merge_add(merge, store, "second", NULL, NULL, &summary, NULL));
    OK(pst_merge_finish(merge, &summary, NULL));
    CHECK(summary.read == summary.messages + summary.associated + summary.skipped && summary.files == 1);
    pst_merge_free(merge);
    snprintf(merged, sizeof merged, "%s/copied.pst", scratch);
    CHECK(pst_store_copy(store, merged, NULL, NULL, NULL, NULL, &summary, NULL) == PST_STATUS_OK);
    CHECK(summary.messages + summary.associated >= (uint64_t)found + 2);
    CHECK(pst_store_copy(store, merged, NULL, NULL, NULL, NULL, &summary, NULL) == PST_STATUS_IO);
    OK(pst_store_split(store, PST_SPLIT_BY_TOP_FOLDER, 0, options, NULL, name_part, NULL, (void *)(uintptr_t)scratch, &summary, NULL));
    CHECK(summary.files >= 1);
    pst_store_free(store);
    pst_store_free(from);
    pst_write_options_free(options);
}

static void exporting(const char *sample, const char *scratch) {
    char directory[4096], made[4096];
    const char *paths[] = {sample};
    pst_export_summary summary;
    pst_create *create = NULL;
    pst_create_summary created;
    pst_write_options *options = NULL;
    snprintf(directory, sizeof directory, "%s/mails", scratch);
    snprintf(made, sizeof made, "%s/made.pst", scratch);
    CHECK(pst_export(paths, 1, directory, 99, NULL, NULL, NULL, NULL, NULL, &summary, NULL) == PST_STATUS_INVALID_INPUT);
    OK(pst_export(paths, 1, directory, PST_EXPORT_FORMAT_EML, NULL, NULL, NULL, NULL, NULL, &summary, NULL));
    CHECK(summary.exported > 0 && summary.failed == 0 && !summary.stopped);
    OK(pst_write_options_new(&options, NULL));
    OK(pst_write_options_set_overwrite(options, true, NULL));
    OK(pst_create_new(made, options, NULL, &create, NULL));
    OK(pst_create_add(create, directory, NULL, NULL, &created, NULL));
    CHECK(created.mails == summary.exported);
    OK(pst_create_finish(create, &created, NULL));
    pst_create_free(create);
    pst_write_options_free(options);
}

int main(int argc, char **argv) {
    size_t length = 0;
    unsigned char *bytes;
    if (argc != 4) {
        fprintf(stderr, "usage: checks SAMPLE.pst SCRATCH_DIRECTORY MUTATIONS\n");
        return 2;
    }
    bytes = bytes_of(argv[1], &length);
    versions();
    errors(argv[1], argv[2]);
    freed_handles(argv[1]);
    borrowed(bytes, length);
    callbacks(argv[1]);
    threads(argv[1]);
    writing(argv[1], argv[2]);
    exporting(argv[1], argv[2]);
    hostile(bytes, length, atoi(argv[3]));
    free(bytes);
    CHECK(pst_live_handles() == 0);
    puts("all as promised");
    return 0;
}
