/* Checks a file byte by byte and shows how far it is: verify FILE.pst. 0 sound, 1 with faults, 3 not to be read. */
#include <pst.h>

#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t stopped;

static void on_signal(int number) {
    (void)number;
    stopped = 1;
}

static bool on_progress(void *user, const pst_progress *progress) {
    (void)user;
    if (progress->total > 0) {
        fprintf(stderr, "\r%s %3u%%", progress->phase.data, (unsigned)(progress->done * 100 / progress->total));
    }
    return !stopped;
}

static bool on_finding(void *user, const pst_finding *finding) {
    unsigned *count = user;
    if (finding->severity > PST_SEVERITY_COSMETIC && (*count)++ < 20) {
        fprintf(stderr, "\r");
        printf("%s\n", finding->text.data);
    }
    return !stopped;
}

int main(int argc, char **argv) {
    static const char *const words[] = {"sound", "degraded", "damaged", "unusable", "unfinished"};
    pst_error *error = NULL;
    pst_report *report = NULL;
    pst_verdict verdict = PST_VERDICT_UNUSABLE;
    pst_totals totals;
    unsigned count = 0;
    if (argc != 2) {
        fprintf(stderr, "usage: verify FILE.pst\n");
        return 2;
    }
    signal(SIGINT, on_signal);
    if (pst_verify(argv[1], NULL, false, 0, on_finding, on_progress, &count, &report, &error) != PST_STATUS_OK) {
        fprintf(stderr, "%s: %s\n", argv[1], pst_error_text(error));
        pst_error_free(error);
        return 3;
    }
    fprintf(stderr, "\n");
    if (pst_report_verdict(report, &verdict, NULL) == PST_STATUS_OK &&
        pst_report_totals(report, &totals, NULL) == PST_STATUS_OK) {
        printf("%s: %s; %llu folders, %llu messages, %llu blocks\n", argv[1], words[verdict],
               (unsigned long long)totals.folders, (unsigned long long)totals.messages, (unsigned long long)totals.blocks);
    }
    pst_report_free(report);
    return verdict == PST_VERDICT_SOUND ? 0 : 1;
}
