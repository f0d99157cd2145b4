import Cryptography
import HTTPTypes
import Hummingbird
import NIOCore
import Tarball

/// An answer that was made once and is sent many times: its bytes, the same compressed, and the entity
/// tag of each.
///
/// To make one costs a digest and a compression; to send it costs neither. Whoever can keep it should.
struct ReadyBytes: Sendable {
    /// Bodies below this are sent as they are: the header and a packet cost more than is saved.
    private static let leastCompressed = 1024

    private let plain: Form
    /// nil when compression would gain nothing.
    private let gzip: Form?
    private let contentType: String
    private let cacheControl: String
    private let vary: String

    /// One way in which the bytes can be sent.
    private struct Form: Sendable {
        let body: ByteBuffer
        /// Quotes included; strong, so another for the compressed bytes (RFC 9110, section 8.8.3.3).
        let tag: String
    }

    /// - Parameters:
    ///   - bytes: the body
    ///   - contentType: of the plain bytes
    ///   - cacheControl: the header of that name
    ///   - vary: the header of that name; names `Accept-Encoding`, whatever else it names
    init(
        _ bytes: [UInt8], contentType: String, cacheControl: String,
        vary: String = "Accept-Encoding"
    ) {
        let digest = Digest.of(.sha256, bytes).hex
        plain = Form(body: ByteBuffer(bytes: bytes), tag: "\"\(digest)\"")
        let compressed = bytes.count >= Self.leastCompressed ? gzipped(bytes) : bytes
        gzip =
            compressed.count < bytes.count
            ? Form(body: ByteBuffer(bytes: compressed), tag: "\"\(digest)-gzip\"") : nil
        self.contentType = contentType
        self.cacheControl = cacheControl
        self.vary = vary
    }

    /// How many bytes of memory it takes.
    var size: Int { plain.body.readableBytes + (gzip?.body.readableBytes ?? 0) }

    /// The form that the request takes, or 304 when the client has it.
    func response(to request: Request) -> Response {
        var form = plain
        var headers: HTTPFields = [
            .contentType: contentType, .cacheControl: cacheControl, .vary: vary,
        ]
        if let gzip, acceptsGzip(request.headers[.acceptEncoding]) {
            form = gzip
            headers[.contentEncoding] = "gzip"
        }
        headers[.eTag] = form.tag
        if request.headers[.ifNoneMatch].map({ matches($0, form.tag) }) == true {
            return Response(status: .notModified, headers: headers)
        }
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: form.body))
    }
}
