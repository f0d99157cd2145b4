enum TarballTestsStub {}
