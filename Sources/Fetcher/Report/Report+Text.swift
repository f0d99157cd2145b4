import Diagnostics
import Packages

extension Report {
    /// The report for people: a table, what its short cells cannot say, then one line.
    package var text: String {
        guard !rows.isEmpty else { return summary }
        let table = TextTable(
            ["PLUGIN", "INSTALLED", "WANTED", "OUTCOME"],
            rows.map { row in
                [
                    row.name.description, row.installed?.description ?? "-",
                    row.wanted?.description ?? "-", row.outcomeText(isDryRun),
                ]
            })
        let notes = rows.filter { !$0.explanation.isEmpty }.map { row in
            row.explanation.contains(row.name.description)
                ? "  \(row.explanation)" : "  \(row.name): \(row.explanation)"
        }
        return ([table.text] + notes + [summary]).joined(separator: "\n")
    }

    /// `42 plugins: 38 current, 2 updated, 1 installed, 1 mismatch (0.4 s)`.
    package var summary: String {
        var counts: [(words: String, count: Int)] = []
        for row in rows {
            let words = row.outcome.words(isDryRun)
            if let index = counts.firstIndex(where: { $0.words == words }) {
                counts[index].count += 1
            } else {
                counts.append((words, 1))
            }
        }
        let parts = counts.map { words, count in
            words == "mismatch" && count > 1 ? "\(count) mismatches" : "\(count) \(words)"
        }
        let plugins = rows.count == 1 ? "1 plugin" : "\(rows.count) plugins"
        let list = parts.isEmpty ? "" : ": \(parts.joined(separator: ", "))"
        let tenths = Int((seconds * 10).rounded())
        return "\(plugins)\(list) (\(tenths / 10).\(tenths % 10) s)"
    }
}

extension Report.Row {
    /// The outcome with the reason of a mismatch.
    fileprivate func outcomeText(_ isDryRun: Bool) -> String {
        let words = outcome.words(isDryRun)
        guard let mismatch else { return words }
        return outcome == .mismatch
            ? "mismatch: \(mismatch.rawValue)" : "\(words), \(mismatch.rawValue)"
    }
}

extension Report.Row.Outcome {
    fileprivate func words(_ isDryRun: Bool) -> String {
        switch self {
        case .current: "current"
        case .install: isDryRun ? "would install" : "installed"
        case .update: isDryRun ? "would update" : "updated"
        case .downgrade: isDryRun ? "would downgrade" : "downgraded"
        case .repair: isDryRun ? "would repair" : "repaired"
        case .adopt: isDryRun ? "would adopt" : "adopted"
        case .remove: isDryRun ? "would remove" : "removed"
        case .leave: "left alone"
        case .mismatch: "mismatch"
        }
    }
}
