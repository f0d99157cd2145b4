enum PackagesTestsStub {}
