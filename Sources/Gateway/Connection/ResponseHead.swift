import Diagnostics
import Glibc
import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization

extension ByteBuffer {
    /// Writes the status line and the headers of an answer, without the empty line that ends them.
    ///
    /// `HTTPFields` lets no line break into a value, so nothing needs to be checked here.
    ///
    /// - Parameters:
    ///   - response: the answer
    ///   - hasLength: false for an answer that has no body by its status
    mutating func writeHead(_ response: Response, hasLength: Bool) {
        reserveCapacity(512)
        writeStaticString("HTTP/1.1 ")
        writeString(String(response.status.code))
        writeStaticString(" ")
        writeString(response.status.reasonPhrase)
        writeStaticString("\r\nDate: ")
        writeString(HTTPDate.now)
        writeStaticString("\r\nServer: ")
        writeString(Self.server)
        writeStaticString("\r\n")
        for field in response.headers where hasLength || field.name != .contentLength {
            writeString(field.name.rawName)
            writeStaticString(": ")
            writeString(field.value)
            writeStaticString("\r\n")
        }
    }

    private static let server = "tollgate/\(programVersion)"
}

/// The time as the header `Date` has it (RFC 9110, section 5.6.7), written anew each second.
private enum HTTPDate {
    private static let last = Mutex<(second: time_t, text: String)>((0, ""))

    static var now: String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        let second = time.tv_sec
        return last.withLock { last in
            if last.second != second { last = (second, text(of: second)) }
            return last.text
        }
    }

    private static func text(of second: time_t) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        return """
            \(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \
            \(parts.tm_year + 1900) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) \
            GMT
            """
    }
}
