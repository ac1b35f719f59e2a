#include "worker/sandbox.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// A sanitizer maps terabytes of shadow and traces the process at its end.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define HEARBACK_SANITIZED 1
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#        define HEARBACK_SANITIZED 1
#    endif
#endif
#ifndef HEARBACK_SANITIZED
#    define HEARBACK_SANITIZED 0
#endif

namespace hearback::worker {

namespace {

base::Error failed(const char* what) {
    return {base::Code::Unsupported,
            std::string("the system does not grant ") + what + ": " + std::strerror(errno)};
}

base::Result<void> limit(int resource, std::int64_t value, const char* what) {
    const rlimit wanted{static_cast<rlim_t>(value), static_cast<rlim_t>(value)};
    if (::setrlimit(static_cast<__rlimit_resource>(resource), &wanted) != 0) return failed(what);
    return {};
}

// What no plugin needs and what helps one out of its process: other programs, other processes,
// devices, the kernel's own machinery. https://man7.org/linux/man-pages/man2/syscalls.2.html
constexpr std::array kRefused = {SCMP_SYS(ptrace),
                                 SCMP_SYS(process_vm_readv),
                                 SCMP_SYS(process_vm_writev),
                                 SCMP_SYS(kcmp),
                                 SCMP_SYS(mount),
                                 SCMP_SYS(umount2),
                                 SCMP_SYS(pivot_root),
                                 SCMP_SYS(chroot),
                                 SCMP_SYS(setns),
                                 SCMP_SYS(unshare),
                                 SCMP_SYS(bpf),
                                 SCMP_SYS(perf_event_open),
                                 SCMP_SYS(keyctl),
                                 SCMP_SYS(add_key),
                                 SCMP_SYS(request_key),
                                 SCMP_SYS(init_module),
                                 SCMP_SYS(finit_module),
                                 SCMP_SYS(delete_module),
                                 SCMP_SYS(reboot),
                                 SCMP_SYS(swapon),
                                 SCMP_SYS(swapoff),
                                 SCMP_SYS(kexec_load),
                                 SCMP_SYS(settimeofday),
                                 SCMP_SYS(clock_settime),
                                 SCMP_SYS(sethostname),
                                 SCMP_SYS(setdomainname),
                                 SCMP_SYS(acct),
                                 SCMP_SYS(userfaultfd),
                                 SCMP_SYS(io_uring_setup),
                                 SCMP_SYS(open_by_handle_at),
                                 SCMP_SYS(pidfd_getfd)};
constexpr std::array kPrograms = {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork),
                                  SCMP_SYS(vfork)};

int refuse(scmp_filter_ctx filter, int call) {
    return ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
}

// Refuses it where its first argument is so.
int refuseWhere(scmp_filter_ctx filter, int call, int error, scmp_compare compare,
                scmp_datum_t value, scmp_datum_t masked = 0) {
    const scmp_arg_cmp first{0, compare, value, masked};
    return ::seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 1,
                                    &first);
}

base::Result<void> refuseSystemCalls(const Limits& limits) {
    scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
    if (filter == nullptr) return failed("a filter of system calls");
    int wrong = 0;
    for (const int call : kRefused) wrong |= refuse(filter, call);
    if (!limits.programs) {
        for (const int call : kPrograms) wrong |= refuse(filter, call);
        // Threads yes, processes no. The C library takes clone() where there is no clone3(), whose
        // flags a filter cannot see.
        wrong |= ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
        wrong |= refuseWhere(filter, SCMP_SYS(clone), EPERM, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
    }
    if (!limits.sockets) {
        // The host speaks to the network for it. Sockets within the process stay.
        wrong |= refuseWhere(filter, SCMP_SYS(socket), EACCES, SCMP_CMP_NE, AF_UNIX);
        for (const int call : {SCMP_SYS(bind), SCMP_SYS(connect), SCMP_SYS(listen)})
            wrong |= refuse(filter, call);
    }
    // Signals to itself only.
    const auto self = static_cast<scmp_datum_t>(::getpid());
    for (const int call :
         {SCMP_SYS(kill), SCMP_SYS(tgkill), SCMP_SYS(rt_tgsigqueueinfo), SCMP_SYS(rt_sigqueueinfo)})
        wrong |= refuseWhere(filter, call, EPERM, SCMP_CMP_NE, self);
    if (wrong == 0) wrong = ::seccomp_load(filter);
    ::seccomp_release(filter);
    if (wrong != 0) {
        errno = -wrong;
        return failed("a filter of system calls");
    }
    return {};
}

} // namespace

base::Result<void> enterSandbox(const Limits& limits) {
    // The host's end is seen at the socket too; this one also ends a plugin that never reads.
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return failed("an end with its parent");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no new privileges");
    if (::prctl(PR_SET_DUMPABLE, 0) != 0) return failed("to be left alone by others");
    ::umask(S_IRWXG | S_IRWXO);
    auto done = limit(RLIMIT_CORE, 0, "no core file");
    if (done) done = limit(RLIMIT_NOFILE, limits.files, "a limit of descriptors");
    if (done && limits.memory_mib > 0 && HEARBACK_SANITIZED == 0)
        done = limit(RLIMIT_AS, limits.memory_mib << 20, "a limit of memory");
    if (done && limits.system_calls && HEARBACK_SANITIZED == 0) done = refuseSystemCalls(limits);
    return done;
}

} // namespace hearback::worker
