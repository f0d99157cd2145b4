internal import CArchive
import Diagnostics

#if canImport(Glibc)
    import Glibc
#endif

/// The functions of libarchive that we call, found at run time.
///
/// Loaded and not linked: it brings a dozen libraries along for formats that we refuse, and a start
/// with nothing to unpack, which is most of them, would wait for all of them. The `.13` of the name
/// is the ABI that its headers describe.
struct ArchiveLibrary: Sendable {
    typealias Archive = OpaquePointer
    typealias Entry = OpaquePointer
    typealias Text = UnsafePointer<CChar>
    typealias Open =
        @convention(c) (
            Archive?, UnsafeMutableRawPointer?, (@convention(c) () -> Int32)?,
            @convention(c) (
                Archive?, UnsafeMutableRawPointer?, UnsafeMutablePointer<UnsafeRawPointer?>?
            ) -> Int,
            (@convention(c) () -> Int)?, (@convention(c) () -> Int32)?
        ) -> Int32
    typealias NextBlock =
        @convention(c) (
            Archive?, UnsafeMutablePointer<UnsafeRawPointer?>?, UnsafeMutablePointer<Int>?,
            UnsafeMutablePointer<la_int64_t>?
        ) -> Int32
    /// A C function with more arguments than Swift can pass: for ``archive_set_error_message`` alone.
    typealias SetError = @convention(c) () -> Void

    let readNew: @convention(c) () -> Archive?
    let readFree: @convention(c) (Archive?) -> Int32
    let supportTar: @convention(c) (Archive?) -> Int32
    let open: Open
    let nextHeader: @convention(c) (Archive?, UnsafeMutablePointer<Entry?>?) -> Int32
    let nextBlock: NextBlock
    let errorText: @convention(c) (Archive?) -> Text?
    let setError: SetError
    let pathname: @convention(c) (Entry?) -> Text?
    let hardlink: @convention(c) (Entry?) -> Text?
    let symlink: @convention(c) (Entry?) -> Text?
    let filetype: @convention(c) (Entry?) -> mode_t
    let permissions: @convention(c) (Entry?) -> mode_t
    let size: @convention(c) (Entry?) -> la_int64_t
    let modificationTime: @convention(c) (Entry?) -> time_t
    let sparseCount: @convention(c) (Entry?) -> Int32

    /// The library, or nil where it is not installed.
    ///
    /// It is never unloaded.
    static let loaded: ArchiveLibrary? = {
        guard let library = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL) else { return nil }
        return ArchiveLibrary(library)
    }()

    private init?(_ library: UnsafeMutableRawPointer) {
        func function<Function>(_ name: String) -> Function? {
            dlsym(library, name).map { unsafeBitCast($0, to: Function.self) }
        }
        guard let readNew: @convention(c) () -> Archive? = function("archive_read_new"),
            let readFree: @convention(c) (Archive?) -> Int32 = function("archive_read_free"),
            let supportTar: @convention(c) (Archive?) -> Int32 = function(
                "archive_read_support_format_tar"),
            let open: Open = function("archive_read_open2"),
            let nextHeader: @convention(c) (Archive?, UnsafeMutablePointer<Entry?>?) -> Int32 =
                function("archive_read_next_header"),
            let nextBlock: NextBlock = function("archive_read_data_block"),
            let errorText: @convention(c) (Archive?) -> Text? = function("archive_error_string"),
            let setError: SetError = function("archive_set_error"),
            let pathname: @convention(c) (Entry?) -> Text? = function("archive_entry_pathname"),
            let hardlink: @convention(c) (Entry?) -> Text? = function("archive_entry_hardlink"),
            let symlink: @convention(c) (Entry?) -> Text? = function("archive_entry_symlink"),
            let filetype: @convention(c) (Entry?) -> mode_t = function("archive_entry_filetype"),
            let permissions: @convention(c) (Entry?) -> mode_t = function("archive_entry_perm"),
            let size: @convention(c) (Entry?) -> la_int64_t = function("archive_entry_size"),
            let modificationTime: @convention(c) (Entry?) -> time_t = function(
                "archive_entry_mtime"),
            let sparseCount: @convention(c) (Entry?) -> Int32 = function(
                "archive_entry_sparse_count")
        else { return nil }
        self.readNew = readNew
        self.readFree = readFree
        self.supportTar = supportTar
        self.open = open
        self.nextHeader = nextHeader
        self.nextBlock = nextBlock
        self.errorText = errorText
        self.setError = setError
        self.pathname = pathname
        self.hardlink = hardlink
        self.symlink = symlink
        self.filetype = filetype
        self.permissions = permissions
        self.size = size
        self.modificationTime = modificationTime
        self.sparseCount = sparseCount
    }
}
