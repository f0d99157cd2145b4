import ArgumentParser
import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Gateway
import Packages
import Storage
import SystemPackage
import TerminalOutput

extension Plugins {
    /// `tollgate plugins publish`: takes tarballs in as releases and signs them.
    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish tarballs as `npm pack` makes them.",
            discussion: """
                Each is read under the rules of the fetcher, so that what no installation would \
                accept is refused here. What was published never changes; the same bytes again are \
                no error.
                """)

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The tarballs.")
        var files: [String]

        @Option(help: "The channel; vendor.json lists those there are.")
        var channel = Release.latestChannel

        @Option(
            help:
                "The application versions it is for, such as \">=2.0.0 <2.1.0\", in place of what package.json says."
        )
        var applicationRange: String?

        @Option(help: "The day or moment of publication, such as 2026-03-31, in place of now.")
        var published: String?

        func run() async throws {
            let vendor = try data.openVendor()
            let options = PublishOptions(
                channel: channel,
                applicationRange: try applicationRange.map { try VersionRange($0) },
                published: try published.map { try moment($0, ofDay: .start, in: .gmt) })
            var signed: [Release] = []
            do {
                for file in files {
                    if let release = try await publish(file, options, vendor) {
                        signed.append(release)
                    }
                }
            } catch {
                // What went well before is published all the same.
                try await sign(signed, vendor)
                throw error
            }
            try await sign(signed, vendor)
        }

        private func sign(_ releases: [Release], _ vendor: Vendor) async throws {
            try await vendor.signMetadata()
            for release in releases {
                Terminal.print("published \(release.name)@\(release.version)")
            }
        }

        /// - Returns: the release that is published once the metadata is signed; nil: there is none
        private func publish(
            _ file: String, _ options: PublishOptions, _ vendor: Vendor
        ) async throws -> Release? {
            do {
                let actor = DataFolderOption.actor
                switch try await vendor.publish(FilePath(file), options, by: actor) {
                case .published(let release):
                    guard vendor.settings.signing == .offline else { return release }
                    Terminal.print("took in \(release.name)@\(release.version)")
                    Terminal.note(
                        """
                        It awaits its signature, and nobody sees it before: \
                        `tollgate keys export-unsigned`.
                        """)
                case .alreadyPublished(let release):
                    // A publication that was stopped ends with this one.
                    if vendor.settings.signing == .online { try await vendor.signMetadata() }
                    let isSeen = try await vendor.records.releases.release(
                        release.name, release.version)
                    Terminal.print(
                        """
                        already \(isSeen == nil ? "awaits its signature:" : "published") \
                        \(release.name)@\(release.version)
                        """)
                    if options.differ(from: release) {
                        Terminal.note(
                            """
                            It stays on the channel \(release.channel), published \
                            \(release.published.written): --channel, --application-range and \
                            --published were ignored.
                            """)
                    }
                }
                return nil
            } catch {
                Terminal.note("\(file) was not published.")
                throw error
            }
        }
    }
}

extension PublishOptions {
    /// Whether the release was published with others.
    fileprivate func differ(from release: Release) -> Bool {
        channel != release.channel
            || applicationRange.map { $0.text != release.applicationRange?.text } ?? false
            || published.map { $0.wholeSeconds != release.published.wholeSeconds } ?? false
    }
}
