enum PackagesStub {}
