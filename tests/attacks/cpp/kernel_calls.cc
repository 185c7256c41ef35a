// expect: error
int main() {
  static char page[4096];
  for (const long number : {SYS_bpf, SYS_io_uring_setup, SYS_userfaultfd, SYS_keyctl, SYS_add_key, SYS_mount, SYS_umount2,
                            SYS_pivot_root, SYS_chroot, SYS_setns, SYS_perf_event_open, SYS_open_by_handle_at,
                            SYS_init_module, SYS_reboot, SYS_sethostname, SYS_acct, SYS_quotactl, SYS_personality,
                            SYS_vmsplice, SYS_splice, SYS_tee, SYS_mq_open, SYS_msgget, SYS_semget, SYS_inotify_init1,
                            SYS_fanotify_init, SYS_timer_create, SYS_signalfd4, SYS_modify_ldt, SYS_ioperm, SYS_iopl,
                            SYS_setuid, SYS_setgid, SYS_capset, SYS_sched_setscheduler, SYS_setpriority, SYS_pidfd_getfd,
                            SYS_process_madvise, SYS_kexec_load, SYS_swapon, SYS_syslog, SYS_move_pages, SYS_mbind}) {
    if (number == SYS_capset) continue;  // giving up what it has not
    if (syscall(number, 1L, page, page, 0L, page, 0L) >= 0) return answer();
  }
  return 1;
}
