import CanonicalJSON
import Cryptography
import FoundationEssentials
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A license whose word was cut, forged, emptied or is old; a gateway that refuses in the middle.
@Suite struct LicenseFaultTests {
    /// Answers to a check-in that nobody signed as they are.
    enum Answer: String, CaseIterable, Sendable {
        case cut, unsigned, emptied, otherwise

        /// The answer with its token changed so.
        func change(_ body: [UInt8]) -> [UInt8] {
            let text = String(decoding: body, as: UTF8.self)
            guard self != .cut else { return Array(body.prefix(body.count / 2)) }
            guard let start = text.firstRange(of: "eyJ") else { return [] }
            let token = text[start.lowerBound...].prefix { $0 != "\"" }
            let parts = token.split(separator: ".").map(String.init)
            guard parts.count == 3 else { return [] }
            let changed: String
            switch self {
            case .cut: return []
            case .unsigned: changed = "\(parts[0]).\(parts[1])."
            case .emptied:
                let claims = Base64URL.decode(parts[1]) ?? []
                let less = String(decoding: claims, as: UTF8.self)
                    .replacing("@acme/a", with: "@acme/z")
                changed = "\(parts[0]).\(Base64URL.encode(Array(less.utf8))).\(parts[2])"
            case .otherwise: changed = "\(parts[0]).\(parts[1]).\(parts[2].reversed())"
            }
            return Array(text.replacing(String(token), with: changed).utf8)
        }
    }

    /// While a license really loses a plugin, so that a believed answer would remove it.
    @Test(arguments: Answer.allCases)
    func anAnswerThatIsNotSignedRemovesNothing(_ answer: Answer) async throws {
        try await FaultWorld.serving { world in
            try await world.withMiddle { middle in
                let customer = try world.customer("customer", url: middle.url)
                try await customer.mustDownload("1.0.0")
                let before = try world.visible(customer)
                try await world.gateway.tollgate(
                    ["licenses", "edit", world.license, "--remove-plugin", "@acme/b"])
                middle.spoil { request, _, real in
                    guard request.target.contains("/agent") else { return nil }
                    var changed = real()
                    changed.body = answer.change(changed.body)
                    return [changed.step]
                }
                let refresh = try await customer.pkg("license", "refresh")
                #expect(refresh.status != 0, "\(answer)")
                let (outcome, _) = try await customer.downloadPro(app: "1.0.0")
                try world.checkReport(outcome, customer, "\(answer)")
                #expect(try world.visible(customer) == before, "\(answer)")
                try FaultMatrix.record(
                    .license, "a check-in's answer \(answer.words)",
                    "`\(refresh.errorCode ?? "")`; the saved token holds and nothing is removed")
            }
        }
    }

    @Test func anEmptyListRemovesNothing() async throws {
        try await FaultWorld.serving { world in
            let customer = try world.customer("customer")
            try await customer.mustDownload("1.0.0")
            let before = try world.visible(customer)
            for name in FaultWorld.plugins {
                try await world.gateway.tollgate(
                    ["licenses", "edit", world.license, "--remove-plugin", name])
            }
            #expect(try await customer.pkg("license", "refresh").status == 0)
            let (outcome, _) = try await customer.downloadPro(app: "1.0.0")
            #expect(outcome.status == 0, "\(outcome.errors)")
            try world.checkReport(outcome, customer, "empty list")
            #expect(try world.visible(customer) == before)
            try FaultMatrix.record(
                .license, "a signed license with an empty list of plugins",
                "nothing is removed: a list that was lost looks the same")
        }
    }

    @Test func anOlderAnswerRemovesNothing() async throws {
        try await FaultWorld.serving { world in
            try await world.withMiddle { middle in
                let customer = try world.customer("customer", url: middle.url)
                try await customer.mustDownload("1.0.0")
                let before = try world.visible(customer)
                try await world.gateway.tollgate(
                    ["licenses", "edit", world.license, "--remove-plugin", "@acme/b"])
                // The answer without the plugin is kept and given again after the plugin is back.
                let kept = Mutex<MiddleServer.Answer?>(nil)
                let other = try await world.copy(of: customer, named: "other")
                middle.spoil { request, _, real in
                    guard request.target.contains("/agent") else { return nil }
                    let answer = real()
                    kept.withLock { $0 = answer }
                    return [answer.step]
                }
                #expect(try await other.pkg("license", "refresh").status == 0)
                try await world.gateway.tollgate(
                    ["licenses", "edit", world.license, "--add-plugin", "@acme/b"])
                middle.spoil { request, _, _ in
                    guard request.target.contains("/agent") else { return nil }
                    return kept.withLock(\.self).map { [$0.step] }
                }
                let refresh = try await customer.pkg("license", "refresh")
                #expect(refresh.status != 0)
                let (outcome, _) = try await customer.downloadPro(app: "1.0.0")
                try world.checkReport(outcome, customer, "older")
                #expect(try world.visible(customer) == before)
                middle.spoil(nil)
                try await world.checkNextRun(customer, app: "1.0.0", "older")
                try FaultMatrix.record(
                    .license, "an older answer to another check-in given again",
                    "`\(refresh.errorCode ?? "")`; nothing is removed")
            }
        }
    }

    /// The token's lease ends while tarballs are downloaded.
    @Test func aTokenThatExpiresInTheMiddleIsRenewedOnce() async throws {
        try await FaultWorld.serving { world in
            try await world.withMiddle { middle in
                let customer = try world.customer("customer", url: middle.url)
                try await customer.mustDownload("1.0.0")
                let old = Mutex<String?>(nil)
                let checkIns = Mutex(0)
                middle.spoil { request, _, _ in
                    if request.target.contains("/agent") { checkIns.withLock { $0 += 1 } }
                    guard request.target.contains(".tgz") else { return nil }
                    // From the first download on, the token that came with it is over.
                    let token = request.header("Authorization")
                    let isOver = old.withLock { old in
                        old = old ?? token
                        return old == token
                    }
                    return isOver ? [Self.refusal(401, "registry.credentials-invalid")] : nil
                }
                let (outcome, plugins) = try await customer.downloadPro(app: "2.0.0")
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(plugins == ["@acme/a": "update 2.0.0 -", "@acme/b": "update 2.0.0 -"])
                #expect(checkIns.withLock(\.self) == 1)
                middle.spoil(nil)
                try await world.checkNextRun(customer, app: "2.0.0", "expired token")
                try FaultMatrix.record(
                    .license, "the license token expires between the plan and the downloads",
                    "one check-in, however many downloads were refused; then all are done, exit 0")
            }
        }
    }

    @Test func aRefusedPluginDoesNotStopTheOthers() async throws {
        try await FaultWorld.serving { world in
            try await world.withMiddle { middle in
                let customer = try world.customer("customer", url: middle.url)
                try await customer.mustDownload("1.0.0")
                let before = try world.visible(customer)
                middle.spoil { request, _, _ in
                    guard request.target.contains(".tgz"), request.target.contains("a-2.0.0") else {
                        return nil
                    }
                    return [Self.refusal(403, "registry.version-forbidden")]
                }
                let (outcome, plugins) = try await customer.downloadPro(app: "2.0.0")
                #expect(outcome.status == 4, "\(outcome.errors)")
                #expect(
                    plugins == [
                        "@acme/a": "mismatch 1.0.0 held-back", "@acme/b": "update 2.0.0 -",
                    ])
                let codes = try world.checkReport(outcome, customer, "403")
                #expect(codes == ["registry.version-forbidden"])
                try world.checkVisible(customer, before: before, "403")
                middle.spoil(nil)
                try await world.checkNextRun(customer, app: "2.0.0", "403")
                try FaultMatrix.record(
                    .license, "403 for one plugin",
                    "the others are updated; that one is `held-back`, keeps its release, exit 4")
            }
        }
    }

    private static func refusal(_ status: Int, _ code: String) -> ScriptedServer.Step {
        let problem: JSONValue = [
            "status": .integer(Int64(status)), "code": .string(code), "detail": "Not this one.",
        ]
        return .response(
            status, [("Content-Type", "application/problem+json")], body: problem.prettyBytes)
    }

    /// One bit flipped in each answer of the gateway, at many positions of each.
    @Test func aFlippedBitIsRefusedOrFetchedAnew() async throws {
        try await FaultWorld.serving { world in
            try await world.withMiddle { middle in
                let fresh = try world.customer("fresh", url: middle.url)
                var nobody = try world.customer("nobody", url: middle.url)
                nobody.environment["TOLLGATE_INSTANCE_ID"] = "faults-fresh"
                let targets = Mutex<[String: Int]>([:])
                middle.spoil { request, _, real in
                    let answer = real()
                    targets.withLock { $0[request.target] = answer.body.count }
                    return [answer.step]
                }
                try await fresh.mustDownload("1.0.0")
                var refused: [String: Int] = [:]
                var done = 0
                let lengths = targets.withLock(\.self)
                for (target, length) in lengths.sorted(by: { $0.key < $1.key }) where length > 0 {
                    for position in stride(from: 0, to: length, by: max(1, length / 8)) {
                        let when = "bit \(position % 8) of byte \(position) of \(target)"
                        let customer = try await world.copy(of: nobody, named: "customer")
                        middle.spoil { request, _, real in
                            guard request.target == target else { return nil }
                            var answer = real()
                            if position < answer.body.count {
                                answer.body[position] ^= 1 << UInt8(position % 8)
                            }
                            return [answer.step]
                        }
                        let (outcome, _) = try await customer.downloadPro(app: "1.0.0")
                        let codes = try world.checkReport(outcome, customer, when)
                        try world.checkVisible(customer, before: [:], when)
                        #expect(
                            [0, 4, 5, 6].contains(outcome.status), "\(when): \(outcome.errors)")
                        for code in codes { refused[code, default: 0] += 1 }
                        if outcome.status == 0 {
                            done += 1
                            for name in FaultWorld.plugins {
                                #expect(customer.visibleVersion(name) == "1.0.0", "\(when)")
                            }
                        }
                        guard position == 0 else { continue }
                        middle.spoil(nil)
                        try await world.checkNextRun(customer, app: "1.0.0", when)
                    }
                }
                let count = lengths.count
                #expect(refused.keys.contains("trust.hash"), "\(refused)")
                let codes = refused.keys.sorted().map { "`\($0)`" }.joined(separator: ", ")
                try FaultMatrix.record(
                    .license,
                    "a bit flipped in each metadata file, the token's answer and each tarball",
                    "8 positions of each of \(count) answers of a first run: refused by name "
                        + "(\(codes)), or a bit that means nothing; the next run is done")
            }
        }
    }
}

extension LicenseFaultTests.Answer {
    fileprivate var words: String {
        switch self {
        case .cut: "cut in the middle"
        case .unsigned: "whose token has no signature"
        case .emptied: "whose token names another plugin"
        case .otherwise: "whose token has another signature"
        }
    }
}
