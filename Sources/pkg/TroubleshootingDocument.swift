import Diagnostics

/// `docs/troubleshooting.md`, made from the table of codes.
func troubleshootingDocument() -> String {
    var lines = [
        "# Troubleshooting",
        "",
        "Every failure of `pkg` and `tollgate` has a code that does not change. This page is made",
        "from the table in the code (`scripts/generate-troubleshooting`); `pkg explain CODE` prints",
        "the same, and `pkg doctor` finds most of what `pkg` can meet ([diagnosis](diagnosis.md)).",
        "", "## What you see", "", "| it looks like this | look at |", "|---|---|",
    ]
    for symptom in symptoms {
        lines.append("| \(symptom.words) | \(symptom.codes.map(link).joined(separator: ", ")) |")
    }
    lines += ["", "## Contents", ""]
    for (title, codes) in FailureCode.groups {
        lines.append("- \(title): \(codes.map(link).joined(separator: ", "))")
    }
    for (title, codes) in FailureCode.groups {
        lines += ["", "## \(title)"]
        for code in codes {
            lines += [
                "", "### `\(code.name)`", "",
                "**\(code.title)** (exit code \(code.exitStatus.rawValue))",
                "", code.meaning, "", "*What to do:* \(code.remedy)",
            ]
        }
    }
    return lines.joined(separator: "\n")
}

/// A link to the code's part, whose name is made as GitHub and others make it of a heading.
private func link(_ code: FailureCode) -> String {
    "[`\(code.name)`](#\(code.name.filter { $0 != "." }))"
}

/// What people see before they see a code.
private let symptoms: [(words: String, codes: [FailureCode])] = [
    ("A new container says that the license does not match", [.licenseKeyMismatch]),
    ("The pasted key is refused at once", [.licenseKeyFormat, .licenseKeyInvalid]),
    ("Plugins are there, and their paid features are off", [.licensePaused, .licenseExpired]),
    (
        "A plugin was not updated",
        [
            .mismatchUpdatePeriodEnded, .mismatchNoReleaseForApplication, .mismatchHeldBack,
            .mismatchModifiedOnDisk,
        ]
    ),
    (
        "It works in the office and not in the data center",
        [.networkProxy, .networkProxyAuthentication, .networkTLSUntrusted, .networkDNS]
    ),
    (
        "It worked yesterday, and nothing was changed",
        [.networkTLSExpired, .trustExpired, .clockSkewed, .licenseExpired, .diskFull]
    ),
    (
        "A web page comes where a file should",
        [.networkNotWhatWasAsked, .networkHTTPStatus]
    ),
    ("The container starts slowly", [.networkTimeout, .lockHeld, .databaseUnreachable]),
    ("It runs as root in one place and not in the other", [.diskForeignOwner, .diskPermission]),
    ("It says that there is no root", [.trustNoRoot, .settingsPathMissing]),
]
