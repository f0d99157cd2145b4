import Glibc

/// The input that is being parsed, where a parent process finds it when its child has died.
///
/// A file that both map: 8 bytes with how many inputs there were, 8 with the length, then the input.
final class Slot {
    static let capacity = 1 << 20
    private let memory: UnsafeMutableRawPointer

    /// Maps the file, which is made when it is not there.
    init(_ path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        guard file >= 0, ftruncate(file, off_t(Self.capacity)) == 0,
            let memory = mmap(nil, Self.capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
            memory != MAP_FAILED
        else { throw Violation("\(path) cannot be mapped: \(String(cString: strerror(errno)))") }
        self.memory = memory
    }

    deinit { munmap(memory, Self.capacity) }

    func put(_ input: [UInt8]) {
        memory.storeBytes(of: input.count, toByteOffset: 8, as: Int.self)
        (memory + 16).copyMemory(from: input, byteCount: input.count)
        memory.storeBytes(of: count + 1, as: Int.self)
    }

    /// How many inputs there were.
    var count: Int { memory.load(as: Int.self) }

    var input: [UInt8] {
        let length = memory.load(fromByteOffset: 8, as: Int.self)
        return Array(UnsafeRawBufferPointer(start: memory + 16, count: length))
    }
}
