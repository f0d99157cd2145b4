import Diagnostics
import SystemPackage
import Testing

@testable import Tarball

/// An archive that must be refused, named by its attack.
struct HostileCase: Sendable, CustomTestStringConvertible {
    let attack: String
    let code: FailureCode
    var limits = ContentLimits.maxima
    var identity = Sample.identity
    let tarball: @Sendable () -> [UInt8]

    init(
        _ attack: String, _ code: FailureCode, limits: ContentLimits = .maxima,
        identity: PackageIdentity = Sample.identity,
        _ tarball: @escaping @autoclosure @Sendable () -> [UInt8]
    ) {
        self.attack = attack
        self.code = code
        self.limits = limits
        self.identity = identity
        self.tarball = tarball
    }

    var testDescription: String { attack }
}

@Suite struct HostileArchiveTests {
    @Test(arguments: HostileCase.all, InflateLibrary.allCases)
    func refusesAndLeavesTheDiskAsItWas(_ hostile: HostileCase, _ library: InflateLibrary)
        async throws
    {
        try await Sandbox.with { sandbox in
            let before = sandbox.snapshot()
            let bytes = hostile.tarball()
            let error = #expect(throws: TarballError.self) {
                try sandbox.unpack(
                    bytes, limits: hostile.limits, expecting: hostile.identity, library: library)
            }
            #expect(error?.code == hostile.code, "\(error.map { "\($0)" } ?? "")")
            #expect(sandbox.snapshot() == before)
        }
    }

    @Test(arguments: HostileCase.all)
    func refusesAtTheGatewaysDoor(_ hostile: HostileCase) async throws {
        // Only whom a signature names is not the gateway's question.
        guard hostile.code != .archiveWrongPackage else { return }
        try await Sandbox.with { sandbox in
            let tarball = try sandbox.verified(hostile.tarball())
            do throws(TarballError) {
                _ = try tarball.inspect(limits: hostile.limits)
                Issue.record("accepted")
            } catch {
                #expect(error.code == hostile.code, "\(error)")
            }
        }
    }

    @Test func theMaximaAreThoseOfTheDesign() {
        #expect(ContentLimits.maxima.unpackedSize == 2_147_483_648)
        #expect(ContentLimits.maxima.fileCount == 100_000)
        #expect(ContentLimits.maxima.folderCount == 100_000)
        #expect(ContentLimits.maxima.ratio == 200)
    }

    @Test func attacksHaveNamesOfTheirOwn() {
        #expect(Set(HostileCase.all.map(\.attack)).count == HostileCase.all.count)
    }
}

extension HostileCase {
    static let all = paths + twins + shapes + types + extensions + sizes + ends + gzip + packages
}
