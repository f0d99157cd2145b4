import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `signing: offline`: the key of releases is on another machine.
@Suite struct OfflineSigningTests {
    @Test func aReleaseIsSeenOnceItWasSignedElsewhere() async throws {
        try await Offline.serving { offline in
            let gateway = offline.gateway
            let customer = try await gateway.customer("old")
            #expect(try await customer.downloadPro(app: "1.0.0").outcome.status == 0)
            let tarball = try await gateway.pack(
                "@acme/a", "1.1.0", ">=1.0.0 <2.0.0", ["index.js": Array("exports.x = 2".utf8)])
            let taken = try await gateway.tollgate(["plugins", "publish", tarball.string])
            #expect(taken.output == "took in @acme/a@1.1.0\n")
            #expect(taken.errors.contains("awaits its signature"))
            #expect(try await offline.states(of: "@acme/a") == ["published", "awaiting-signature"])
            for customer in [customer, try await gateway.customer("new")] {
                #expect(try await customer.downloadPro(app: "1.0.0").outcome.status == 0)
                #expect(customer.visibleVersion("@acme/a") == "1.0.0")
            }

            let request = try await offline.export()
            let signed = try await offline.sign(request)
            #expect(signed.outcome.errors.contains("+ @acme/a@1.1.0  latest"))
            let imported = try await gateway.tollgate(["keys", "import", signed.file.string])
            #expect(imported.output == "published @acme/a@1.1.0\n")
            #expect(try await offline.states(of: "@acme/a") == ["published", "published"])
            for customer in [customer, try await gateway.customer("newer")] {
                let run = try await customer.downloadPro(app: "1.0.0")
                #expect(run.outcome.status == 0, "\(run.outcome.errors)")
                #expect(customer.visibleVersion("@acme/a") == "1.1.0")
            }
            // What was brought in once is the past.
            let again = try await offline.tollgate(["keys", "import", signed.file.string])
            #expect(again.errorCode == "trust.request-outdated")
            let nothing = try await gateway.tollgate(
                ["keys", "export-unsigned", "--output", request.string])
            #expect(nothing.errors == "Nothing waits for a signature.\n")
        }
    }

    @Test func oneCommandDoesAllWhereTheFolderIs() async throws {
        try await Offline.serving { offline in
            try await offline.gateway.publish("@acme/c", "1.0.0")
            let outcome = try await offline.gateway.tollgate(
                ["keys", "sign", "--key", offline.key.string])
            #expect(outcome.output == "published @acme/c@1.0.0\n")
            #expect(outcome.errors.contains("+ the role plugin-acme_2fc"))
            let yanked = try await offline.gateway.tollgate(
                ["plugins", "yank", "@acme/c", "1.0.0", "--reason", "broken"])
            #expect(yanked.status == 0)
            let second = try await offline.gateway.tollgate(
                ["keys", "sign", "--key", offline.key.string])
            #expect(second.errors.contains("~ @acme/c@1.0.0  latest  yanked: broken"))
        }
    }

    /// What a gateway that was broken into, or a stick that was exchanged, can do to a request.
    struct Tampering: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let replacement: String
        /// What the signer is told; nil: it signs.
        let signing: String?
        /// What the gateway says to the signed file changed like this.
        let importing: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Tampering(
            name: "other bytes of a release", text: "\"length\": ", replacement: "\"length\": 1",
            signing: "trust.unsigned", importing: "trust.unsigned"),
        Tampering(
            name: "an older version", text: "\"version\": 2", replacement: "\"version\": 1",
            signing: "trust.rollback", importing: "trust.rollback"),
        Tampering(
            name: "a member that nobody is shown", text: "\"version\": 2",
            replacement: "\"version\": 2, \"x\": 1", signing: "trust.malformed",
            importing: "trust.malformed"),
        Tampering(
            name: "another's key", text: "\"threshold\": 1", replacement: "\"threshold\": 2",
            signing: "trust.unsigned", importing: "trust.unsigned"),
        Tampering(
            name: "no request", text: "tollgate-signing-request/1", replacement: "something",
            signing: "trust.malformed", importing: "trust.malformed"),
        Tampering(
            name: "no JSON", text: "{", replacement: "", signing: "trust.malformed",
            importing: "trust.malformed"),
    ])
    func aRequestThatWasTamperedWithIsRefused(_ tampering: Tampering) async throws {
        try await Offline.serving { offline in
            try await offline.gateway.publish("@acme/a", "1.1.0")
            let request = try await offline.export()
            let signed = try await offline.sign(request)
            for (file, code, verb) in [
                (request, tampering.signing, ["keys", "sign", "--key", offline.key.string]),
                (
                    signed.file, tampering.importing,
                    ["keys", "import", "--data", offline.gateway.data.string]
                ),
            ] {
                let text = try String(contentsOfFile: file.string, encoding: .utf8)
                let changed = text.replacing(tampering.text, with: tampering.replacement)
                #expect(changed != text)
                let copy = offline.gateway.folder.appending("changed.json")
                try Data(changed.utf8).write(to: URL(filePath: copy.string))
                let outcome = try await run(Programs.tollgate, verb + [copy.string])
                #expect(outcome.errorCode == code, "\(verb[1]): \(outcome.errors)")
                #expect(outcome.status == 6)
            }
            let states = try await offline.states(of: "@acme/a")
            #expect(states == ["published", "awaiting-signature"])
        }
    }

    /// What the gateway cannot do without the key that is elsewhere.
    @Test func keysOfTheGatewayAloneAddNoRelease() async throws {
        try await Offline.serving { offline in
            let gateway = offline.gateway
            try await gateway.publish("@acme/a", "1.1.0")
            let request = try await offline.export()
            // Unsigned, and signed by each key that is on the gateway.
            let unsigned = try await offline.tollgate(["keys", "import", request.string])
            #expect(unsigned.errorCode == "trust.unsigned")
            for key in ["root", "snapshot", "timestamp", "license", "registry"] {
                let outcome = try await run(
                    Programs.tollgate,
                    [
                        "keys", "sign", request.string, "--key",
                        gateway.data.appending("keys/\(key).pem").string,
                    ])
                #expect(outcome.errorCode == "trust.signing-key", "\(key): \(outcome.errors)")
                #expect(outcome.status == 6)
            }
            // Nor by saying that it signs online.
            let settings = URL(filePath: gateway.data.appending("tollgate.yaml").string)
            try Data("url: \"\(gateway.url)\"\nsigning: online\n".utf8).write(to: settings)
            let online = try await offline.tollgate(["plugins", "list"])
            #expect(online.errorCode == "gateway.data-folder")
        }
    }

    @Test func whatChangedSinceHasToBeSignedAnew() async throws {
        try await Offline.serving { offline in
            let gateway = offline.gateway
            try await gateway.publish("@acme/a", "1.1.0")
            let request = try await offline.export()
            let old = gateway.folder.appending("old.json").string
            try FileManager.default.copyItem(atPath: request.string, toPath: old)
            let first = try await offline.sign(request)
            try await gateway.tollgate(
                ["plugins", "yank", "@acme/a", "1.1.0", "--reason", "leaks"])
            let outdated = try await offline.tollgate(["keys", "import", first.file.string])
            #expect(outdated.errorCode == "trust.request-outdated")
            #expect(outdated.errors.contains("@acme/a@1.1.0"))
            // A release that came later waits for the next request, and no longer.
            let second = try await offline.sign(try await offline.export())
            try await gateway.publish("@acme/b", "1.1.0")
            let imported = try await gateway.tollgate(["keys", "import", second.file.string])
            #expect(imported.output == "published @acme/a@1.1.0\n")
            #expect(try await offline.states(of: "@acme/b") == ["published", "awaiting-signature"])
            let third = try await offline.sign(try await offline.export())
            try await gateway.tollgate(["keys", "import", third.file.string])
            #expect(try await offline.states(of: "@acme/b") == ["published", "published"])
            // A request of before is shown again: the key remembers what it signed since.
            try await gateway.publish("@acme/a", "1.2.0")
            _ = try await offline.sign(try await offline.export())
            let again = try await run(
                Programs.tollgate, ["keys", "sign", old, "--key", offline.key.string])
            #expect(again.errorCode == "trust.rollback")
            // Nor does it sign for another vendor's roots, though they list it.
            let memory = "\(offline.key.string).versions.json"
            let text = try String(contentsOfFile: memory, encoding: .utf8)
            let start = try #require(text.firstRange(of: "sha256\": \"")?.upperBound)
            let digest = String(text[start...].prefix(64))
            try Data(text.replacing(digest, with: String(digest.reversed())).utf8).write(
                to: URL(filePath: memory))
            let foreign = try await run(
                Programs.tollgate,
                ["keys", "sign", old, "--key", offline.key.string])
            #expect(foreign.errorCode == "trust.no-root")
        }
    }

    @Test(.enabled("strace does not work here") { await Strace.works })
    func anImportThatIsKilledIsEndedByTheNextSigning() async throws {
        try await Offline.serving { offline in
            let gateway = offline.gateway
            let customer = try await gateway.customer("old")
            for step in 1...30 {
                try await gateway.publish(
                    "@acme/a", "1.1.\(step)", files: ["index.js": Array("\(step)".utf8)])
                let signed = try await offline.sign(try await offline.export())
                let killed = try await Strace.run(
                    Programs.tollgate,
                    ["keys", "import", signed.file.string, "--data", gateway.data.string],
                    killedAtDiskCall: step)
                let run = try await customer.downloadPro(app: "1.0.0")
                #expect(run.outcome.status == 0, "\(step): \(run.outcome.errors)")
                if !killed {
                    #expect(step > 2)
                    #expect(customer.visibleVersion("@acme/a") == "1.1.\(step)")
                    return
                }
                // Either it was too early, and the file can be brought again, or it is in.
                let again = try await offline.tollgate(["keys", "import", signed.file.string])
                #expect(again.status == 0 || again.errorCode == "trust.request-outdated")
                #expect(
                    try await offline.states(of: "@acme/a").allSatisfy { $0 == "published" },
                    "\(step)")
            }
        }
    }

    /// From one root key on the gateway to two of three that are not, and what they sign then.
    @Test func twoOfThreePeopleSignTheRoot() async throws {
        try await Offline.serving { offline in
            let gateway = offline.gateway
            let sleeper = try await gateway.customer("sleeper")
            #expect(try await sleeper.downloadPro(app: "1.0.0").outcome.status == 0)
            let people = try await ["anna", "ben", "cleo"].asyncMap {
                try await offline.makeKey($0)
            }
            let publicKeys = people.map { "\($0.string).pub" }.joined(separator: ",")
            let request = try await offline.export(["--keys", "root=2:\(publicKeys)"])
            let first = gateway.data.appending("keys/root.pem")
            // The old root and two of the new have to sign; each step is refused without the next.
            var file = request
            for key in [first, people[0], people[2]] {
                let early = try await offline.tollgate(["keys", "import", file.string])
                #expect(["trust.unsigned", "trust.threshold"].contains(early.errorCode))
                file = try await offline.sign(file, with: key).file
            }
            let imported = try await gateway.tollgate(["keys", "import", file.string])
            #expect(imported.output == "published version 2 of the root\n")
            try FileManager.default.removeItem(atPath: first.string)
            #expect(
                try await gateway.keyStates(of: "root") == ["elsewhere", "elsewhere", "elsewhere"])

            // A key of the gateway is replaced by a root that people sign.
            for key in ["timestamp", "license"] {
                let before = try await gateway.keyIDs(of: key)[0]
                let refused = try await offline.tollgate(["keys", "rotate", key])
                #expect(refused.errorCode == "trust.signing-key")
                try await gateway.rotate(key, ["--await-root"])
                if key == "license" {
                    let list = try await offline.sign(try await offline.export())
                    try await gateway.tollgate(["keys", "import", list.file.string])
                }
                #expect(try await gateway.keyIDs(of: key)[0] == before)
                var file = try await offline.export(["--root"])
                for person in people.prefix(2) {
                    file = try await offline.sign(file, with: person).file
                }
                try await gateway.tollgate(["keys", "import", file.string])
                #expect(try await gateway.keyIDs(of: key)[0] != before, "\(key)")
            }
            // And the key of targets, which is elsewhere itself.
            let next = try await offline.makeKey("targets-2")
            var targets = try await offline.export(["--keys", "targets=1:\(next.string).pub"])
            for key in [people[1], people[2], offline.key, next] {
                targets = try await offline.sign(targets, with: key).file
            }
            try await gateway.tollgate(["keys", "import", targets.string])
            try await gateway.publish("@acme/a", "1.1.0")
            let last = try await offline.sign(try await offline.export(), with: next)
            try await gateway.tollgate(["keys", "import", last.file.string])
            for customer in [sleeper, try await gateway.customer("new")] {
                let run = try await customer.downloadPro(app: "1.0.0")
                #expect(run.outcome.status == 0, "\(run.outcome.errors)")
                #expect(customer.visibleVersion("@acme/a") == "1.1.0")
            }
        }
    }
}
