import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import TestSupport
import Testing

@testable import Licensing

struct CheckInTests {
    private let environment = CheckInEnvironment(
        applicationVersion: "2.1.0", platform: "linux/x86_64", pkgVersion: "1.0.0",
        domains: ["app.example:8443"])
    private let key = LicenseKey.make(
        mode: .standard, secretBytes: Array(1...9), rootFingerprint: RootFingerprint(bits: 5))
    private let secret = Secret([UInt8](repeating: 7, count: 32))

    private var register: RegisterRequest {
        RegisterRequest(
            key: key, instance: Samples.instance, facts: Samples.facts.salted(with: [1]),
            environment: environment, nonce: "n")
    }

    private var heartbeat: HeartbeatRequest {
        HeartbeatRequest(
            installationID: "ins_1", counter: 4, environment: environment,
            plugins: [.init(name: "@acme/x", version: "1.0.0")],
            mismatches: [.init(name: "@acme/y", reason: "not-in-registry")], seats: 12, nonce: "n")
    }

    @Test func requestsComeBack() throws {
        #expect(try CheckInRequest(body: register.body.reveal()) == .register(register))
        #expect(
            try CheckInRequest(body: heartbeat.json.compactBytes) == .heartbeat(heartbeat))
        let release = ReleaseRequest(installationID: "ins_1", nonce: "n")
        #expect(try CheckInRequest(body: release.json.compactBytes) == .release(release))
    }

    @Test(arguments: [
        "", "[]", #"{"type":"register"}"#, #"{"type":"register","version":2}"#,
        #"{"type":"register","version":0}"#, #"{"type":"telemetry","version":1}"#,
        #"{"type":"heartbeat","version":1}"#, #"{"type":"release","version":1,"nonce":"n"}"#,
        #"{"type":"release","version":1,"installation_id":"i","nonce":""}"#,
        "<!DOCTYPE html><title>Sign in</title>",
    ])
    func otherBodiesAreRefused(_ body: String) {
        let error = #expect(throws: LicenseError.self) {
            try CheckInRequest(body: Array(body.utf8))
        }
        #expect(error?.code == .licenseCheckIn)
    }

    @Test(arguments: [
        #"{"nonce":"\#(String(repeating: "n", count: 129))"}"#,
        #"{"facts":{"salt":"","hashes":{"x":"\#(String(repeating: "x", count: 4096))"}}}"#,
        #"{"environment":{"platform":"\#(String(repeating: "x", count: 257))","pkg_version":"1"}}"#,
    ])
    func longerThanItEverHasToBeIsRefused(_ members: String) throws {
        var object = try #require(parseJSON(register.body.reveal()).object)
        for (name, value) in try #require(parseJSON(Array(members.utf8)).object) {
            object[name] = value
        }
        let error = #expect(throws: LicenseError.self) {
            try CheckInRequest(body: JSONValue.object(object).compactBytes)
        }
        #expect(error?.code == .licenseCheckIn)
    }

    @Test(arguments: [-1, -1e300, 253_402_300_800, 1e300, .infinity, .nan])
    func aTimeThatNobodyReadsIsWrittenSo(_ seconds: Double) {
        let written = JSONValue(Date(timeIntervalSince1970: seconds))
        #expect(throws: JSONError.self) { try JSONReader(written).date() }
    }

    @Test func wrongKeyInTheBodyIsNamedAsSuch() throws {
        var object = try #require(parseJSON(register.body.reveal()).object)
        object["license_key"] = "tg_123"
        let error = #expect(throws: LicenseError.self) {
            try CheckInRequest(body: JSONValue.object(object).compactBytes)
        }
        #expect(error?.code == .licenseKeyFormat)
    }

    @Test func mutationsNeverCrash() {
        var generator = SeededGenerator(seed: 3)
        for body in [register.body.reveal(), heartbeat.json.compactBytes] {
            for _ in 0..<2000 {
                let changed = mutated(body, using: &generator)
                do {
                    _ = try CheckInRequest(body: changed)
                } catch {
                    #expect([.licenseCheckIn, .licenseKeyFormat].contains(error.code))
                }
            }
        }
    }

    @Test func responsesComeBack() throws {
        let response = CheckInResponse(
            installation: .init(id: "ins_1", secret: secret), licenseToken: Secret("eyJ"),
            serverTime: Samples.now, nextCheckIn: 21600, notices: ["Hello."])
        let again = try CheckInResponse(body: response.body.reveal())
        #expect(again.installation == response.installation)
        #expect(again.licenseToken == response.licenseToken)
        #expect(again.serverTime == Samples.now)
        #expect(again.nextCheckIn == 21600)
        #expect(again.notices == ["Hello."])
        let released = try CheckInResponse(
            body: CheckInResponse(licenseToken: nil, serverTime: Samples.now).body.reveal())
        #expect(released.licenseToken == nil)
        #expect(released.installation == nil)
        for body in ["", "{}", #"{"server_time":1,"installation_id":"i"}"#] {
            let error = #expect(throws: LicenseError.self) {
                try CheckInResponse(body: Array(body.utf8))
            }
            #expect(error?.code == .licenseCheckIn)
        }
    }

    @Test func signatureIsOverTheRawBody() {
        let body = heartbeat.json.compactBytes
        let header = CheckInSignature.make(body: body, secret: secret)
        #expect(header.hasPrefix("v1="))
        #expect(CheckInSignature.isValid(header, body: body, secret: secret))
        #expect(!CheckInSignature.isValid(header, body: body + [0x20], secret: secret))
        #expect(
            !CheckInSignature.isValid(
                header, body: body, secret: Secret([UInt8](repeating: 8, count: 32))))
        for other in ["", "v1=", "v2=" + header.dropFirst(3), String(header.dropLast(2))] {
            #expect(!CheckInSignature.isValid(other, body: body, secret: secret))
        }
    }
}

extension CheckInRequest {
    /// Reads a body as the gateway does.
    fileprivate init(body: [UInt8]) throws(LicenseError) {
        try self.init(fields: Self.fields(of: body))
    }
}
