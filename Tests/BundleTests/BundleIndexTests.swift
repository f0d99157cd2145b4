import Bundle
import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import SignedMetadata
import Testing

/// What a signed index says, and when it is believed.
@Suite struct BundleIndexTests {
    private static let made = Date(timeIntervalSince1970: 1_800_000_000)
    private static let day: TimeInterval = 86_400

    private let key: PrivateKey
    private let index: BundleIndex

    init() throws {
        key = try PrivateKey.generate(.ed25519)
        index = BundleIndex(
            statement: SnapshotStatement(
                created: Self.made, expires: Self.made.addingTimeInterval(90 * Self.day),
                snapshot: FileDescription(version: 7, of: [1, 2, 3])),
            license: "lic_1",
            contents: BundleContents(
                applicationVersions: ["2.1.0"],
                base: BundleContents.Base(index: Digest.of(.sha512, [4]), created: Self.made),
                files: [BundleContents.File(path: "metadata/1.root.json", of: [5])],
                omitted: [BundleContents.File(path: "targets/x.tgz", of: [6])]))
    }

    private func verify(
        _ bytes: [UInt8], daysLater days: Double = 1, _ keys: [PrivateKey]? = nil
    ) throws -> BundleIndex {
        try UnverifiedBundleIndex(bytes).verified(
            by: BundleKeys((keys ?? [key]).map(\.publicKey)),
            now: Self.made.addingTimeInterval(days * Self.day))
    }

    @Test func saysWhatWasSigned() throws {
        #expect(try verify(BundleSigner(key: key).sign(index)) == index)
    }

    @Test func keysAreReadAsTheyAreWritten() throws {
        let keys = try BundleKeys([key.publicKey, PrivateKey.generate(.ed25519).publicKey])
        #expect(try BundleKeys(jwks: keys.jwks).publicKeys == keys.publicKeys)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: FailureCode
        var daysLater = 1.0
        var isSignedByAnother = false
        var change: @Sendable (inout JSONObject) -> Void = { _ in }
    }

    @Test(arguments: [
        Refusal(testDescription: "over", code: .bundleExpired, daysLater: 90),
        Refusal(testDescription: "in the future", code: .bundleNotYetValid, daysLater: -0.01),
        Refusal(
            testDescription: "another's key", code: .bundleSignature, isSignedByAnother: true),
        Refusal(testDescription: "no signature", code: .bundleSignature) {
            $0["signatures"] = []
        },
        Refusal(testDescription: "longer life", code: .bundleSignature) {
            $0["signed"] = $0["signed"]?.setting("expires", "2040-01-01T00:00:00Z")
        },
        Refusal(testDescription: "another member", code: .bundleSignature) {
            $0["signed"] = $0["signed"]?.setting("more", 1)
        },
        Refusal(testDescription: "another type", code: .bundleFormat) {
            $0["signed"] = $0["signed"]?.setting("_type", "timestamp")
        },
        Refusal(testDescription: "a later schema", code: .bundleFormat) {
            $0["signed"] = $0["signed"]?.setting("schema", 2)
        },
        Refusal(testDescription: "a path twice", code: .bundleFormat) {
            let files = $0["signed"]?["files"] ?? []
            $0["signed"] = $0["signed"]?.setting("omitted", files)
        },
        Refusal(testDescription: "a negative length", code: .bundleFormat) {
            let file = $0["signed"]?["files"]?.array?.first?.setting("length", -1) ?? .null
            $0["signed"] = $0["signed"]?.setting("files", .array([file]))
        },
        Refusal(testDescription: "no signed part", code: .bundleFormat) { $0["signed"] = nil },
    ])
    func refuses(_ refusal: Refusal) throws {
        let signer = refusal.isSignedByAnother ? try PrivateKey.generate(.ed25519) : key
        var file = try #require(
            try parseJSON(BundleSigner(key: signer).sign(index)).object)
        refusal.change(&file)
        let error = #expect(throws: BundleError.self) {
            try verify(JSONValue.object(file).compactBytes, daysLater: refusal.daysLater)
        }
        #expect(error?.code == refusal.code)
    }

    @Test func noKeyMakesABundleThatHoldsForLongerThanAYear() throws {
        let statement = SnapshotStatement(
            created: Self.made, expires: Self.made.addingTimeInterval(366 * Self.day),
            snapshot: index.statement.snapshot)
        let long = BundleIndex(
            statement: statement, license: "lic_1", contents: index.contents)
        let error = #expect(throws: BundleError.self) {
            try verify(BundleSigner(key: key).sign(long))
        }
        #expect(error?.code == .bundleFormat)
    }

    @Test func anIndexThatNobodyWouldReadIsNotSigned() throws {
        let files = (0...BundleContents.maximumFiles).map {
            BundleContents.File(path: "\($0)", of: [])
        }
        let error = #expect(throws: BundleError.self) {
            try BundleSigner(key: key).sign(
                BundleIndex(
                    statement: index.statement, license: "lic_1",
                    contents: BundleContents(applicationVersions: [], files: files)))
        }
        #expect(error?.code == .bundleFormat)
    }

    @Test func aClockThatIsMinutesBehindIsForgiven() throws {
        let bytes = try BundleSigner(key: key).sign(index)
        #expect(try verify(bytes, daysLater: -0.005) == index)
    }
}

extension JSONValue {
    fileprivate func setting(_ name: String, _ value: JSONValue) -> JSONValue {
        var members = object ?? [:]
        members[name] = value
        return .object(members)
    }
}
