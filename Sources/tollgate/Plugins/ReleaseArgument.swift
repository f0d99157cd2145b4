import ArgumentParser
import Packages

/// Which release a command is about, and in which gateway.
struct ReleaseArgument: ParsableArguments {
    @OptionGroup var data: DataFolderOption

    @Argument(help: "The plugin, such as @acme/plugin-audit-log.")
    var name: String

    @Argument(help: "The version.")
    var version: String

    /// - Throws: ``PackageError`` for what no release can be called.
    func read() throws -> (name: PackageName, version: SemanticVersion) {
        (try PackageName(name), try SemanticVersion(version))
    }
}
