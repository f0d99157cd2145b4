import Diagnostics

/// `docs/troubleshooting.md`, made from the table of codes.
func troubleshootingDocument() -> String {
    var lines = [
        "# Troubleshooting",
        "",
        "Every failure of `pkg` and `tollgate` has a code that does not change. This page is made",
        "from the table in the code (`scripts/generate-troubleshooting`); `pkg explain CODE` prints",
        "the same.",
    ]
    for code in FailureCode.all {
        lines += [
            "", "## `\(code.name)`", "",
            "**\(code.title)** (exit code \(code.exitStatus.rawValue))",
            "", code.meaning, "", "*What to do:* \(code.remedy)",
        ]
    }
    return lines.joined(separator: "\n")
}
