extension FailureCode {
    package static let usage = FailureCode(
        "usage.invalid",
        title: "The command line or a setting makes no sense",
        meaning: """
            A flag, an argument, an environment variable or a line of pkg.yaml has a value that \
            cannot be used.
            """,
        remedy: "Correct the value named; `--help` lists the flags of a verb.",
        exitStatus: .usage)

    package static let systemLimit = FailureCode(
        "system.limit",
        title: "A limit of the system is too low",
        meaning: """
            The system lets this program have too few open files, threads, too little memory, or \
            files that are too short. A shell sets such limits by `ulimit`, a service manager by \
            settings such as LimitNOFILE, a container by its limits of processes and memory; a file \
            system has its own, as FAT with files of 4 GiB.
            """,
        remedy: "Raise the limit named, of which `ulimit -a` lists a shell's, or use another disk.",
        exitStatus: .local)

    package static let unexpected = FailureCode(
        "unexpected",
        title: "Something unexpected happened",
        meaning: "An error that no rule of Tollgate foresees. This is a defect of Tollgate.",
        remedy: "Run again with --verbose and send the output to your vendor's support.",
        exitStatus: .unexpected)

    package static let runEnded = FailureCode(
        "run.ended",
        title: "A signal ended the run",
        meaning: """
            SIGTERM or SIGINT came before the run was done. The exchange of a plugin that had begun \
            was done, everything else stays as it was. The exit code is 143 after SIGTERM and 130 \
            after SIGINT.
            """,
        remedy: "Run again; what was downloaded of a tarball is kept.",
        exitStatus: .terminated)

    static let generalCodes: [FailureCode] = [
        usage, systemLimit, unexpected, runEnded,
    ]
}
