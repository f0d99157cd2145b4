import Diagnostics
import TestSupport
import Testing

@testable import HTTPTransfer

@Suite struct RedirectTests {
    @Test func followsToTheSameHostWithCredentials() async throws {
        try await withScriptedServer { request in
            request.target == "/a" ? [.response(302, [("Location", "/b?c=d")])] : [.response(204)]
        } _: { server in
            try await withClient { client in
                let response = try await client.send(
                    HTTPRequest("GET", server.url("/a"), authorization: Secret("Bearer t")))
                #expect(response.effectiveURL.description == server.url("/b?•••"))
            }
            #expect(server.requests.map(\.target) == ["/a", "/b?c=d"])
            #expect(server.requests.last?.header("Authorization") == "Bearer t")
        }
    }

    @Test func losesCredentialsAtAnotherPort() async throws {
        try await withScriptedServer { request in
            request.header("Range") == nil
                ? [.response(500)]
                : [.response(206, [("Content-Range", "bytes 3-3/4")], body: [4])]
        } _: { other in
            try await withScriptedServer { _ in
                [.response(307, [("Location", other.url("/x"))])]
            } _: { server in
                try await withClient { client in
                    let sink = RecordingSink([1, 2, 3])
                    _ = try await client.download(
                        DownloadRequest(
                            server.url(),
                            headers: [HTTPHeader("Cookie", "a"), HTTPHeader("X-A", "b")],
                            authorization: Secret("Bearer t"), resumeOffset: 3, maximumBytes: 4),
                        to: sink)
                    #expect(sink.bytes == [1, 2, 3, 4])
                }
            }
            let request = try #require(other.requests.first)
            #expect(request.header("Authorization") == nil)
            #expect(request.header("Cookie") == nil)
            #expect(request.header("X-A") == "b")
        }
    }

    @Test func refusesTheSixth() async throws {
        try await withScriptedServer { request in
            [.response(302, [("Location", "/\(request.number)")])]
        } _: { server in
            try await withClient { client in
                let failure = await client.failure(HTTPRequest("GET", server.url()))
                #expect(failure?.code == .networkRedirectRefused)
            }
            #expect(server.requests.count == 6)
        }
    }

    @Test func doesNotFollowWithoutALocation() async throws {
        try await withScriptedServer { _ in
            [.response(302)]
        } _: { server in
            try await withClient { client in
                let failure = await client.failure(HTTPRequest("GET", server.url()))
                #expect(failure?.code == .networkHTTPStatus)
                #expect(failure?.status == 302)
            }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let from: String
        let location: String
        var status = 302
        var method = "GET"
        /// Where it leads; nil: refused.
        let to: String?
        var keepsCredentials = false
        var methodAfter = "GET"
        var testDescription: String { "\(method) \(from) \(status) \(location)" }
    }

    @Test(arguments: [
        Case(from: "https://a/x/y", location: "../z", to: "https://a/z", keepsCredentials: true),
        Case(
            from: "https://a/", location: "https://A:443/z", to: "https://A:443/z",
            keepsCredentials: true),
        Case(from: "https://a/", location: "//b/z", to: "https://b/z"),
        Case(from: "https://a/", location: "https://a:444/", to: "https://a:444/"),
        Case(from: "http://a/", location: "https://a/", to: "https://a/"),
        Case(from: "https://a/", location: "http://a/", to: nil),
        Case(from: "https://a/", location: "ftp://a/", to: nil),
        Case(from: "https://a/", location: "file:///etc/passwd", to: nil),
        Case(from: "https://a/", location: "https://u:p@b/", to: "https://b/"),
        Case(
            from: "https://a/", location: "/b c\u{e9}#d", to: "https://a/b%20c%c3%a9",
            keepsCredentials: true),
        Case(
            from: "https://a/", location: "/b", status: 301, method: "POST", to: "https://a/b",
            keepsCredentials: true),
        Case(
            from: "https://a/", location: "/b", status: 303, method: "PUT", to: "https://a/b",
            keepsCredentials: true),
        Case(
            from: "https://a/", location: "/b", status: 308, method: "POST", to: "https://a/b",
            keepsCredentials: true, methodAfter: "POST"),
        Case(from: "https://a/", location: "https://b/", status: 307, method: "POST", to: nil),
        Case(
            from: "https://a/", location: "https://b/", status: 303, method: "POST",
            to: "https://b/"),
    ])
    func follows(_ example: Case) throws {
        let exchange = try Exchange(
            HTTPRequest(
                example.method, example.from, authorization: Secret("t"),
                body: example.method == "GET" ? nil : [1]))
        let next = Result { () throws(NetworkError) in
            try RedirectPolicy.following(
                example.location, status: example.status, from: exchange, count: 0)
        }
        switch next {
        case .success(let next):
            #expect(next.address.text == example.to)
            #expect((next.authorization != nil) == example.keepsCredentials)
            #expect(next.address.credentials == nil)
            #expect(next.method == example.methodAfter)
            #expect((next.body != nil) == (example.methodAfter != "GET"))
        case .failure(let error):
            #expect(example.to == nil)
            #expect(error.code == .networkRedirectRefused)
        }
    }
}
