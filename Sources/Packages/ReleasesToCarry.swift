/// Which releases of a plugin a bundle carries.
///
/// - Parameters:
///   - name: The plugin.
///   - covered: Its releases that the license covers.
///   - applications: The versions of the application that it is for; none: every release.
///   - rule: The vendor's.
/// - Returns: Each once, the highest first: for each version of the application the one that a plan
///   would pick.
package func releasesToCarry(
    of name: PackageName, among covered: [Release], for applications: [ApplicationVersion],
    rule: SelectionRule
) -> [Release] {
    let all = Coverage(updatesUntil: nil, channels: Set(covered.map(\.channel)))
    let chosen = applications.compactMap { application -> SemanticVersion? in
        let found = resolveRelease(
            of: name, among: covered, coverage: all, application: application, installed: nil,
            rule: rule)
        guard case .release(let release) = found else { return nil }
        return release.version
    }
    return covered.filter { applications.isEmpty || chosen.contains($0.version) }
        .sorted { $1.version < $0.version }
}
