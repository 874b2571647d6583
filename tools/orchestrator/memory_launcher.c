/* Starts one command of a build, records the memory that it needed, and lets it wait where that would not fit.
 *
 *     memory_launcher [--log=FILE] [--table=FILE] [--root=DIR] COMMAND...
 *
 * Without the two arguments the environment says where: BUILD_MEMORY_LOG and BUILD_MEMORY_TABLE (a compiler cache runs its
 * prefix without arguments). What is needed is the last peak in the log, or a guess by language. The table holds what all
 * commands that run now were let in with; the kernel's lock guards it, and entries of processes that died count for nothing. A
 * command is let in if its need fits into what was available when nothing ran, less what was promised since, and also into
 * what is available now; or if nothing else runs, so that a build always goes on. --root is where proc and sys stand (tests).
 *
 * What is available is asked before the lock is taken, since many processors wait for it; who waits for room sleeps until a
 * command ends (or, in case one was killed or memory came from elsewhere, for a moment).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 1024
#define MIB (1024LL * 1024LL)
#define PAUSE_NS 500000000L

typedef struct {
    int64_t budget; /* what was available when nothing ran */
    uint32_t ends;  /* counts the commands that ended: who waits sleeps on it */
    uint32_t unused;
    struct {
        int32_t pid;
        int32_t unused;
        int64_t bytes;
    } slots[SLOTS];
} Table;

typedef struct {
    const char *suffix;
    int64_t bytes;
} Guess;

/* Ordinary units of real projects, rounded up: templates and device code are what makes machines run out. */
static const Guess guesses[] = {
    {".cu", 1024 * MIB}, {".cpp", 400 * MIB}, {".cc", 400 * MIB}, {".cxx", 400 * MIB},
    {".C", 400 * MIB},   {".f90", 150 * MIB}, {".f", 150 * MIB},  {".F90", 150 * MIB},
};

static const char *root = "";

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The start of a small file of proc or sys; empty if it cannot be read. */
static const char *text_of(const char *folder, const char *name, char *buffer, size_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s%s%s", root, folder, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : read(file, buffer, size - 1);
    if (file >= 0) {
        close(file);
    }
    buffer[length > 0 ? length : 0] = '\0';
    return buffer;
}

/* The number after `key` in a text of lines; `otherwise` if there is none. */
static int64_t number_after(const char *text, const char *key, int64_t otherwise)
{
    const char *place = text;
    size_t length = strlen(key);
    while ((place = strstr(place, key)) != NULL) {
        if (place == text || place[-1] == '\n') {
            return strtoll(place + length, NULL, 10);
        }
        place += length;
    }
    return otherwise;
}

/* What a control group leaves: its limit less its use, not counting files that the kernel may forget. These are asked for
 * only if the rest is less than `enough`: the kernel adds up all processors for that file. */
static int64_t left_in_group(const char *folder, int version, int64_t enough)
{
    char buffer[8192];
    const char *limit_file = version == 2 ? "/memory.max" : "/memory.limit_in_bytes";
    int64_t limit = strtoll(text_of(folder, limit_file, buffer, sizeof buffer), NULL, 10);
    if (limit <= 0 || limit >= (INT64_C(1) << 60)) {
        return INT64_MAX; /* no such file, "max", or the first version's huge number */
    }
    const char *use_file = version == 2 ? "/memory.current" : "/memory.usage_in_bytes";
    int64_t used = strtoll(text_of(folder, use_file, buffer, sizeof buffer), NULL, 10);
    if (limit - used >= enough) {
        return limit - used;
    }
    const char *key = version == 2 ? "inactive_file " : "total_inactive_file ";
    return limit - used + number_after(text_of(folder, "/memory.stat", buffer, sizeof buffer), key, 0);
}

/* The least that the groups of this process and those above them leave. */
static int64_t left_in_groups(int64_t enough)
{
    char lines[8192];
    char folder[4096];
    int64_t least = INT64_MAX;
    text_of("/proc/self/cgroup", "", lines, sizeof lines);
    for (char *rest = lines, *line; (line = strsep(&rest, "\n")) != NULL;) {
        char *controllers = strchr(line, ':');
        char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (path == NULL) {
            continue;
        }
        *path++ = '\0';
        int version = controllers[1] == '\0' ? 2 : 1;
        if (version == 1 && strcmp(controllers + 1, "memory") != 0) {
            continue;
        }
        const char *base = version == 2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
        snprintf(folder, sizeof folder, "%s%s", base, strcmp(path, "/") == 0 ? "" : path);
        for (size_t end = strlen(folder); end >= strlen(base); end = (size_t)(strrchr(folder, '/') - folder)) {
            folder[end] = '\0';
            int64_t left = left_in_group(folder, version, enough);
            least = left < least ? left : least;
        }
    }
    return least;
}

/* All that is available; if that is `enough`, perhaps less than all. */
static int64_t available(int64_t enough)
{
    char buffer[4096];
    int64_t kib = number_after(text_of("/proc/meminfo", "", buffer, sizeof buffer), "MemAvailable:", INT64_MAX / 2048);
    int64_t left = left_in_groups(enough);
    return kib * 1024 < left ? kib * 1024 : left;
}

/* Writes `text` between quotation marks into `out`, as JSON wants it. */
static void quote(const char *text, char *out, size_t size)
{
    size_t used = 0;
    for (; *text != '\0' && used + 8 < size; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            out[used++] = '\\';
            out[used++] = (char)byte;
        } else if (byte < 0x20) {
            used += (size_t)snprintf(out + used, size - used, "\\u%04x", byte);
        } else {
            out[used++] = (char)byte;
        }
    }
    out[used] = '\0';
}

/* The last peak of the output in the log; 0 if it has none. */
static int64_t last_peak(const char *log, const char *quoted)
{
    char head[8448];
    int length = snprintf(head, sizeof head, "{\"output\": \"%s\", \"peak_bytes\": ", quoted);
    int file = open(log, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0) {
        return 0;
    }
    int64_t peak = 0;
    if (fstat(file, &status) == 0 && status.st_size > 0) {
        size_t size = (size_t)status.st_size;
        char *text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
        if (text != MAP_FAILED) {
            const char *place = text;
            const char *end = text + size;
            while ((place = memmem(place, (size_t)(end - place), head, (size_t)length)) != NULL) {
                place += length;
                peak = 0;
                for (; place < end && *place >= '0' && *place <= '9'; place++) {
                    peak = peak * 10 + (*place - '0');
                }
            }
            munmap(text, size);
        }
    }
    close(file);
    return peak;
}

static int64_t guess(char **command)
{
    int64_t most = 64 * MIB;
    for (; *command != NULL; command++) {
        const char *dot = strrchr(*command, '.');
        for (size_t row = 0; dot != NULL && row < sizeof guesses / sizeof *guesses; row++) {
            if (strcmp(dot, guesses[row].suffix) == 0 && guesses[row].bytes > most) {
                most = guesses[row].bytes;
            }
        }
    }
    return most;
}

/* One attempt to enter the table: the slot, or -1 where the need does not fit into that and into what is `left`. Somebody who
 * runs alone is always let in. */
static int enter(Table *table, int64_t need, int64_t left)
{
    int free_slot = -1;
    int64_t promised = 0;
    int running = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
        int32_t pid = table->slots[slot].pid;
        if (pid != 0 && kill(pid, 0) != 0 && errno == ESRCH) {
            table->slots[slot].pid = pid = 0;
        }
        if (pid == 0) {
            free_slot = free_slot < 0 ? slot : free_slot;
        } else {
            promised += table->slots[slot].bytes;
            running++;
        }
    }
    if (running == 0) {
        table->budget = available(INT64_MAX);
    } else if (free_slot < 0 || need > table->budget - promised || need > left) {
        return -1;
    }
    table->slots[free_slot].bytes = need;
    table->slots[free_slot].pid = (int32_t)getpid();
    return free_slot;
}

/* Waits until the command fits. Returns the table, in which `slot` is then taken; NULL where there can be none. */
static Table *wait_for_room(const char *path, int64_t need, int *slot)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) {
        return NULL;
    }
    if ((size_t)status.st_size < sizeof(Table) && ftruncate(file, sizeof(Table)) != 0) {
        return NULL;
    }
    Table *table = mmap(NULL, sizeof(Table), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (table == MAP_FAILED) {
        return NULL;
    }
    for (;;) {
        uint32_t seen = __atomic_load_n(&table->ends, __ATOMIC_ACQUIRE);
        int64_t left = available(need);
        if (flock(file, LOCK_EX) != 0) {
            return NULL;
        }
        *slot = enter(table, need, left);
        flock(file, LOCK_UN);
        if (*slot >= 0) {
            return table;
        }
        syscall(SYS_futex, &table->ends, FUTEX_WAIT, seen, &(struct timespec){.tv_nsec = PAUSE_NS}, NULL, 0);
    }
}

/* Gives the slot back, and wakes those who wait for room. */
static void leave(Table *table, int slot)
{
    table->slots[slot].pid = 0;
    __atomic_fetch_add(&table->ends, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, &table->ends, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void record(const char *log, const char *quoted, int64_t peak, double asked, double begun, double ended)
{
    char line[8704];
    const char *form =
        "{\"output\": \"%s\", \"peak_bytes\": %lld, \"wait_seconds\": %.3f, \"start\": %.3f, \"seconds\": %.3f}\n";
    int length = snprintf(line, sizeof line, form, quoted, (long long)peak, begun - asked, asked, ended - begun);
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file >= 0) {
        ssize_t written = write(file, line, (size_t)length); /* one call: lines of others do not mix with it */
        (void)written;                                       /* a full disk is the compiler's matter */
        close(file);
    }
}

/* Runs the command to its end. What interrupts us is meant for the command, which gets it as well. */
static int run(char **command, struct rusage *usage)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    extern char **environ;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    for (size_t each = 0; each < sizeof numbers / sizeof *numbers; each++) {
        sigaddset(&defaults, numbers[each]);
        signal(numbers[each], SIG_IGN);
    }
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    pid_t pid;
    int error = posix_spawnp(&pid, command[0], NULL, &attributes, command, environ);
    if (error != 0) {
        fprintf(stderr, "%s: %s\n", command[0], strerror(error));
        exit(127);
    }
    int status;
    while (wait4(pid, &status, 0, usage) < 0 && errno == EINTR) {
    }
    return status;
}

static const char *value(char ***arguments, const char *name, const char *variable)
{
    size_t length = strlen(name);
    if (**arguments != NULL && strncmp(**arguments, name, length) == 0) {
        return *(*arguments)++ + length;
    }
    return variable == NULL ? NULL : getenv(variable);
}

int main(int argc, char **argv)
{
    char **command = argv + (argc > 0);
    const char *log = value(&command, "--log=", "BUILD_MEMORY_LOG");
    const char *table_path = value(&command, "--table=", "BUILD_MEMORY_TABLE");
    const char *fake = value(&command, "--root=", NULL);
    root = fake != NULL ? fake : "";
    if (*command == NULL) {
        fprintf(stderr, "usage: memory_launcher [--log=FILE] [--table=FILE] COMMAND...\n");
        return 127;
    }
    const char *output = NULL;
    for (char **word = command; word[0] != NULL && word[1] != NULL; word++) {
        output = strcmp(word[0], "-o") == 0 ? word[1] : output;
    }
    if (output == NULL || log == NULL) { /* not a unit: nothing to measure */
        execvp(command[0], command);
        fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
        return 127;
    }
    char quoted[8192];
    quote(output, quoted, sizeof quoted);
    double asked = now();
    int slot = -1;
    Table *table = NULL;
    if (table_path != NULL) {
        int64_t need = last_peak(log, quoted);
        table = wait_for_room(table_path, need > 0 ? need : guess(command), &slot);
    }
    double begun = now();
    struct rusage usage = {0};
    int status = run(command, &usage);
    double ended = now(); /* before somebody else is let in */
    if (table != NULL) {
        leave(table, slot);
    }
    record(log, quoted, (int64_t)usage.ru_maxrss * 1024, asked, begun, ended);
    if (WIFSIGNALED(status)) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* the command's own core is enough */
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
