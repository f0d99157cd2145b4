import Cryptography
import Diagnostics
import FoundationEssentials
import TestSupport
import Testing

@testable import SignedMetadata

/// Section 5.6.7: in which order roles are asked, and who is believed.
struct DelegationSearchTests {
    struct Edge: Sendable {
        let from: String
        let to: String
        var paths = ["*"]
        var isTerminating = false
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let edges: [Edge]
        let asked: [String]
        var testDescription: String { name }
    }

    private func repository(_ edges: [Edge]) throws -> TestRepository {
        var repository = try TestRepository()
        for edge in edges {
            try repository.delegate(
                from: edge.from, to: edge.to, edge.paths, isTerminating: edge.isTerminating)
        }
        return repository
    }

    private func publish(_ repository: inout TestRepository, _ edges: [Edge]) throws {
        for role in Set(edges.map(\.to)).sorted() { try repository.publish(role) }
        try repository.publish("targets", "snapshot", "timestamp")
    }

    @Test(arguments: [
        Case(name: "one", edges: [Edge(from: "targets", to: "A")], asked: ["A"]),
        Case(
            name: "in order",
            edges: [Edge(from: "targets", to: "B"), Edge(from: "targets", to: "A")],
            asked: ["B", "A"]),
        Case(
            name: "depth first",
            edges: [
                Edge(from: "targets", to: "A"), Edge(from: "targets", to: "B"),
                Edge(from: "A", to: "C"), Edge(from: "A", to: "D"), Edge(from: "C", to: "E"),
            ], asked: ["A", "C", "E", "D", "B"]),
        Case(
            name: "terminating",
            edges: [
                Edge(from: "targets", to: "A"), Edge(from: "targets", to: "B"),
                Edge(from: "A", to: "C", isTerminating: true), Edge(from: "A", to: "D"),
                Edge(from: "C", to: "E"),
            ], asked: ["A", "C", "E"]),
        Case(
            name: "terminating for other paths",
            edges: [
                Edge(from: "targets", to: "A", paths: ["*.py"], isTerminating: true),
                Edge(from: "targets", to: "B"),
            ], asked: ["B"]),
        Case(
            name: "paths on every step",
            edges: [
                Edge(from: "targets", to: "A"), Edge(from: "targets", to: "B"),
                Edge(from: "A", to: "C", paths: ["*.py"]), Edge(from: "C", to: "D"),
            ], asked: ["A", "B"]),
        Case(
            name: "cycle",
            edges: [
                Edge(from: "targets", to: "A"), Edge(from: "targets", to: "B"),
                Edge(from: "B", to: "C"), Edge(from: "C", to: "D"), Edge(from: "D", to: "B"),
                Edge(from: "D", to: "D"),
            ], asked: ["A", "B", "C", "D"]),
        Case(
            name: "two ways to one",
            edges: [
                Edge(from: "targets", to: "A"), Edge(from: "targets", to: "B"),
                Edge(from: "B", to: "C"), Edge(from: "A", to: "C"),
            ], asked: ["A", "C", "B"]),
        Case(
            name: "unusual names",
            edges: ["?", "#", "/role", "../role", "..", "a b", "é", "%2f"].map {
                Edge(from: "targets", to: $0)
            },
            asked: ["%3F", "%23", "%2Frole", "..%2Frole", "..", "a%20b", "%C3%A9", "%252f"]),
    ])
    func asksInOrder(_ example: Case) async throws {
        var repository = try repository(example.edges)
        try publish(&repository, example.edges)
        let machine = try TestMachine(repository)
        let client = try await machine.refresh(repository)
        #expect(try await client.target("missing") == nil)
        #expect(
            machine.transport.requests.dropFirst(4) == example.asked.map { "1.\($0).json" }[...])
        #expect(try await client.targets(under: "").isEmpty)
    }

    private static let tree = [
        Edge(from: "targets", to: "A", paths: ["*.md"]),
        Edge(from: "targets", to: "B", paths: ["releases/*/*"]),
        Edge(from: "B", to: "C", paths: ["releases/x/*"]),
        Edge(from: "B", to: "D", paths: ["releases/y/*.zip"]),
    ]

    @Test(arguments: [
        ("top", "targets", true), ("README.md", "A", true), ("releases/x/1", "C", true),
        ("releases/y/1.zip", "D", true), ("releases/z/1.zip", "D", false),
        ("releases/y/1.zip", "A", false), ("top", "A", false), ("releases/x/1", "B", true),
    ])
    func believesThoseWhoAreTrustedWithThePath(
        _ path: String, _ role: String, _ isFound: Bool
    ) async throws {
        var repository = try repository(Self.tree)
        repository.add(path, to: role)
        try publish(&repository, Self.tree)
        let client = try await TestMachine(repository).refresh(repository)
        let target = try await client.target(path)
        #expect((target != nil) == isFound)
        #expect(try await client.targets(under: "") == [target].compactMap { $0 })
        #expect(try await client.targets(under: path) == [target].compactMap { $0 })
    }

    @Test func theFirstRoleWins() async throws {
        let edges = [
            Edge(from: "targets", to: "A", paths: ["a/*"]),
            Edge(from: "targets", to: "B", paths: ["a/*"], isTerminating: true),
            Edge(from: "targets", to: "C", paths: ["*/*"]),
        ]
        var repository = try repository(edges)
        repository.add("a/1", to: "A", "A")
        repository.add("a/1", to: "B", "B")
        repository.add("a/2", to: "B", "B")
        repository.add("a/2", to: "C", "C")
        repository.add("a/3", to: "C", "C")
        repository.add("b/1", to: "C", "C")
        try publish(&repository, edges)
        let client = try await TestMachine(repository).refresh(repository)
        let all = try await client.targets(under: "")
        #expect(all.map(\.path) == ["a/1", "a/2", "b/1"])
        for target in all { #expect(try await client.target(target.path) == target) }
        #expect(all.map(\.length) == [1, 1, 1])
        #expect(all[0] == TargetDescription(path: "a/1", of: Array("A".utf8)))
        #expect(all[1] == TargetDescription(path: "a/2", of: Array("B".utf8)))
    }

    @Test func boundsTheRolesOfOneSearch() async throws {
        let edges = (0..<40).map { Edge(from: "targets", to: "r\($0)") }
        var repository = try repository(edges)
        repository.add("early", to: "r31")
        repository.add("late", to: "r32")
        try publish(&repository, edges)
        let machine = try TestMachine(repository)
        let client = try await machine.refresh(repository)
        #expect(try await client.target("early") != nil)
        #expect(try await client.target("late") == nil)
        #expect(machine.transport.requests.count == 4 + 32)
        await expectTrustError(.trustTooManyRoles) { _ = try await client.targets(under: "") }
    }

    @Test(arguments: [
        ("unsigned", FailureCode.trustUnsigned), ("expired", .trustExpired),
        ("missing", .trustMissing), ("unlisted", .trustMixAndMatch), ("stale", .trustMixAndMatch),
    ])
    func endsTheSearchAtARoleThatFails(_ how: String, _ code: FailureCode) async throws {
        let edges = [Edge(from: "targets", to: "A"), Edge(from: "targets", to: "B")]
        var repository = try repository(edges)
        repository.add("file", to: "B")
        try publish(&repository, edges)
        switch how {
        case "unsigned":
            repository.signers["A"] = repository.signers["B"]
            try repository.publish("A")
        case "expired":
            repository.expiries["A"] = now
            try repository.publish("A")
        case "missing": repository.files["1.A.json"] = nil
        case "unlisted":
            repository.snapshotFiles["A.json"] = nil
            try repository.publish("snapshot")
        default:
            let old = repository.files["1.A.json"]
            try repository.publishNext("A", "snapshot", "timestamp")
            repository.files["2.A.json"] = old
        }
        let machine = try TestMachine(repository)
        let client = try await machine.refresh(repository)
        await expectTrustError(code) { _ = try await client.target("file") }
        #expect(machine.store.load("A") == nil)
        await expectTrustError(code) { _ = try await client.targets(under: "") }
    }

    @Test func usesTheStoredRoleUntilItExpires() async throws {
        let edges = [Edge(from: "targets", to: "A")]
        var repository = try repository(edges)
        repository.add("file", to: "A")
        repository.expiries["A"] = now + 7 * day
        try publish(&repository, edges)
        let machine = try TestMachine(repository)
        _ = try await machine.refresh(repository).target("file")
        let again = try await machine.refresh(repository)
        #expect(try await again.target("file") != nil)
        #expect(machine.transport.requests == ["2.root.json", "timestamp.json"])
        let late = try await machine.refresh(repository, at: now + 8 * day)
        await expectTrustError(.trustExpired) { _ = try await late.target("file") }
        repository.expiries["A"] = now + 21 * day
        try repository.publishNext("A", "snapshot", "timestamp")
        let renewed = try await machine.refresh(repository, at: now + 8 * day)
        #expect(try await renewed.target("file") != nil)
    }

    /// A role that two delegate to with different keys is verified for each.
    @Test func verifiesARoleForEachWhoDelegatesToIt() async throws {
        let edges = [
            Edge(from: "targets", to: "A", paths: ["a/*"]),
            Edge(from: "targets", to: "B", paths: ["b/*"]), Edge(from: "A", to: "C"),
        ]
        var repository = try repository(edges)
        let stranger = try PrivateKey.generate(.ed25519)
        let real = repository.signers["C"]
        repository.delegations["A"] = [
            DelegatedRole(
                name: "C", roleKeys: roleKeys(real ?? []), paths: .patterns([PathPattern("a/*")]),
                isTerminating: false)
        ]
        repository.delegations["B"] = [
            DelegatedRole(
                name: "C", roleKeys: roleKeys([stranger]), paths: .patterns([PathPattern("b/*")]),
                isTerminating: false)
        ]
        repository.add("a/1", to: "C")
        repository.add("b/1", to: "C")
        try publish(&repository, edges)
        let client = try await TestMachine(repository).refresh(repository)
        #expect(try await client.target("a/1") != nil)
        await expectTrustError(.trustUnsigned) { _ = try await client.target("b/1") }
        await expectTrustError(.trustUnsigned) { _ = try await client.targets(under: "") }
    }

    /// Whoever holds the key that B names for C cannot speak for the paths of A.
    @Test func refusesTwoFilesOfOneVersion() async throws {
        let edges = [
            Edge(from: "targets", to: "A", paths: ["a/*"]),
            Edge(from: "targets", to: "B", paths: ["b/*"]),
        ]
        var repository = try repository(edges)
        let keys = try (0..<2).map { _ in try PrivateKey.generate(.ed25519) }
        for (delegator, key) in zip(["A", "B"], keys) {
            repository.signers["C"] = [key]
            try repository.delegate(from: delegator, to: "C", ["*/*"])
            repository.targets["C"] = [:]
            repository.add("\(delegator.lowercased())/1", to: "C", delegator)
            try repository.publish("C", delegator)
            repository.files["C by \(delegator)"] = repository.files["1.C.json"]
        }
        try repository.publish("targets", "snapshot", "timestamp")
        let machine = try TestMachine(repository)
        let client = try await machine.refresh(repository)
        #expect(try await client.target("b/1") != nil)
        var files = repository.files
        files["1.C.json"] = files["C by A"]
        machine.transport.serve(files)
        await expectTrustError(.trustMixAndMatch) { _ = try await client.target("a/1") }
    }

    @Test func searchesSideBySide() async throws {
        let edges = (0..<20).map { Edge(from: "targets", to: "r\($0)", paths: ["p\($0)/*"]) }
        var repository = try repository(edges)
        for number in 0..<20 { repository.add("p\(number)/file", to: "r\(number)") }
        try publish(&repository, edges)
        let client = try await TestMachine(repository).refresh(repository)
        let found = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<20 {
                group.addTask { try await client.targets(under: "p\(number)/").count }
            }
            return try await group.reduce(0, +)
        }
        #expect(found == 20)
    }

    @Test func findsByHashPrefix() async throws {
        var repository = try TestRepository()
        let prefix = String(Digest.of(.sha256, Array("some/path".utf8)).hex.prefix(2))
        try repository.delegate(to: "bin", [])
        repository.delegations["targets"] = repository.delegations["targets"]?.map {
            DelegatedRole(
                name: $0.name, roleKeys: $0.roleKeys, paths: .hashPrefixes([prefix]),
                isTerminating: true)
        }
        repository.add("some/path", to: "bin")
        repository.add("not/mine", to: "bin")
        try repository.publish("bin", "targets", "snapshot", "timestamp")
        let client = try await TestMachine(repository).refresh(repository)
        #expect(try await client.target("some/path") != nil)
        #expect(try await client.target("not/mine") == nil)
        #expect(try await client.targets(under: "").map(\.path) == ["some/path"])
    }
}
