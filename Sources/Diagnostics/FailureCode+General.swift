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

    package static let unexpected = FailureCode(
        "unexpected",
        title: "Something unexpected happened",
        meaning: "An error that no rule of Tollgate foresees. This is a defect of Tollgate.",
        remedy: "Run again with --verbose and send the output to your vendor's support.",
        exitStatus: .unexpected)

    static let generalCodes: [FailureCode] = [
        usage, unexpected,
    ]
}
