/// Rows of text under headings, each column as wide as its widest cell; the last one is not padded.
///
/// What is unprintable in a cell is shown as an escape: it would steer the terminal or end the line.
package struct TextTable: Sendable {
    private let rows: [[String]]
    private let colors: [TextColor?]

    /// A table of that many columns.
    ///
    /// - Parameters:
    ///   - headings: one a column
    ///   - rows: as many cells each as there are headings
    ///   - colors: that of the last cell of each row, where there are colours; may be empty
    package init(_ headings: [String], _ rows: [[String]], colors: [TextColor?] = []) {
        self.rows = ([headings] + rows).map { $0.map { printable($0) } }
        self.colors = [nil] + colors
    }

    /// The lines as a file has them, without a newline at the end.
    package var text: String { text(for: .plain) }

    /// Whether no cell has to be shortened.
    package func fits(_ layout: TextLayout) -> Bool {
        layout.width.map { lineWidth(columnWidths) <= $0 } ?? true
    }

    /// The lines, without a newline at the end; what does not fit is shortened in the middle, in
    /// the widest columns.
    package func text(for layout: TextLayout) -> String {
        var widths = columnWidths
        if let width = layout.width {
            while lineWidth(widths) > width, let widest = widths.max(), widest > Self.narrowest,
                let column = widths.firstIndex(of: widest)
            {
                widths[column] -= 1
            }
        }
        return rows.indices.map { index in
            var cells = zip(rows[index], widths).map { cell, width in
                let cell = cell.shortened(to: width)
                return cell + String(repeating: " ", count: width - cell.columns)
            }
            let last = String(cells.removeLast().reversed().drop { $0 == " " }.reversed())
            let color = colors.indices.contains(index) ? colors[index] : nil
            let line = (cells + [layout.colored(last, last.isEmpty ? nil : color)])
                .joined(separator: Self.gap)
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    private static let gap = "  "
    /// A column is not shortened below this.
    private static let narrowest = 5

    private var columnWidths: [Int] {
        rows[0].indices.map { column in rows.map { $0[column].columns }.max() ?? 0 }
    }

    private func lineWidth(_ widths: [Int]) -> Int {
        widths.reduce(0, +) + Self.gap.count * (widths.count - 1)
    }
}
