package import Diagnostics
import Packages

extension Report {
    /// The report for people: a table, what its short cells cannot say, then one line.
    ///
    /// - Parameter layout: where it is shown; no line of it is wider than that.
    /// - Returns: the lines, without a newline at the end
    package func text(for layout: TextLayout = .plain) -> String {
        guard !rows.isEmpty else { return layout.wrapped(summary, indent: 2) }
        let whole = table(withReasons: true)
        // A reason is long: where the table has no room for it, it stands in the note.
        let fits = whole.fits(layout)
        let notes = rows.compactMap { row -> String? in
            let reason = fits ? nil : row.mismatch?.rawValue
            let explanation = [reason, row.explanation].compactMap(\.self)
                .filter { !$0.isEmpty }.joined(separator: ": ")
            guard !explanation.isEmpty else { return nil }
            let isNamed = explanation.contains(row.name.description)
            return layout.wrapped(
                "  \(isNamed ? "" : "\(row.name): ")\(printable(explanation))", indent: 4)
        }
        let table = fits ? whole : table(withReasons: false)
        return ([table.text(for: layout)] + notes + [layout.wrapped(summary, indent: 2)])
            .joined(separator: "\n")
    }

    private func table(withReasons: Bool) -> TextTable {
        TextTable(
            ["PLUGIN", "INSTALLED", "WANTED", "OUTCOME"],
            rows.map { row in
                [
                    row.name.description, row.installed?.description ?? "-",
                    row.wanted?.description ?? "-",
                    withReasons ? row.outcomeText(isDryRun) : row.outcome.words(isDryRun),
                ]
            }, colors: rows.map(\.color))
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
        let download =
            downloadBytes > 0 ? ", \(ByteCount(downloadBytes)) to download" : ""
        return "\(plugins)\(list)\(download) (\(tenths / 10).\(tenths % 10) s)"
    }
}

extension Report.Row {
    fileprivate var color: TextColor? {
        guard mismatch == nil else { return .yellow }
        return switch outcome {
        case .current, .leave: nil
        case .install, .update, .downgrade, .repair, .adopt: .green
        case .remove, .mismatch: .yellow
        }
    }

    /// The outcome with the reason of a mismatch.
    fileprivate func outcomeText(_ isDryRun: Bool) -> String {
        let words = outcome.words(isDryRun)
        guard let mismatch else { return words }
        return outcome == .mismatch
            ? "mismatch: \(mismatch.rawValue)" : "\(words), \(mismatch.rawValue)"
    }
}

extension Report.Row.Outcome {
    func words(_ isDryRun: Bool = false) -> String {
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
