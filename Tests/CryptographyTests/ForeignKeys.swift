/// Keys and a signature that another library made: python-cryptography 48.0.0.
enum ForeignKeys {
    static let rsa2048 = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmr38Ha5MiZxklv6TRl/y
        LoyQoUkBaBeiZegrrYbguDWbiWa6LQsKIHfPX7nfX7EKYi700WxrikaprWlJkajr
        cwQJr5A5YCsSBXb7oSbYYfQobebdgb3yP6EP/o+ZIfeTvwP2PpgIFW/wR9Taivl4
        YMgLsuWnL2i8mrxXYfNCbteJ0R3QXAxO8Af31ArdtAqp2M6xIHMvF04jP394/P4M
        KRqUILF3ddBG+/eLzNtA4UIQ4FrlGc+sNR6T6in5esjMEeiCap10y1KULhJEDz5V
        v53SuLW/mSx5MIZ4pSyktFCabY3gNSkIX+p3bBruqinIzxOzC97Ao6X7RXRrrSZ8
        0QIDAQAB
        -----END PUBLIC KEY-----
        """

    /// RSASSA-PSS over `signed elsewhere` with the longest salt that fits.
    static let rsa2048Signature = """
        gVl0KNBFAdCqjxPICzlbM6Sx/I4hr9WSXi+/0TyxOl5dt7I2pkGHqj116bSctpA8EYRHu6Q4f2qeGS0Z\
        SrhmtLw+6knqdhZNHBQXIK4NcdFFT56sZ3LlkorsUN7782OOuiDZdTZpP3wbD/q1iSOIzZrzNwdcA48p\
        QEy+BXBR6CSn/mxDTkLOZve7CJ/KQfxkq6oWcTabogBIxob8QrSZHU2YJXleEhx/jljlJPY2rNyDkqyA\
        s8Pe7kd745sSWjvfr5vIpUQJp5/DtZY1heVYQX+72TuCTYVMBlQX6tU6SMR4pEP5XyTWECsI3P2DX14i\
        wAvQNA9uWqRnCukILrs4NA==
        """

    /// The same key as `ssh-keygen` would write it.
    static let rsa2048SSH = """
        AAAAB3NzaC1yc2EAAAADAQABAAABAQCavfwdrkyJnGSW/pNGX/IujJChSQFoF6Jl6CuthuC4NZuJZrot\
        Cwogd89fud9fsQpiLvTRbGuKRqmtaUmRqOtzBAmvkDlgKxIFdvuhJthh9Cht5t2BvfI/oQ/+j5kh95O/\
        A/Y+mAgVb/BH1NqK+XhgyAuy5acvaLyavFdh80Ju14nRHdBcDE7wB/fUCt20CqnYzrEgcy8XTiM/f3j8\
        /gwpGpQgsXd10Eb794vM20DhQhDgWuUZz6w1HpPqKfl6yMwR6IJqnXTLUpQuEkQPPlW/ndK4tb+ZLHkw\
        hnilLKS0UJptjeA1KQhf6ndsGu6qKcjPE7ML3sCjpftFdGutJnzR
        """

    static let rsa1024 = """
        -----BEGIN PUBLIC KEY-----
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDhUBrfkeiGEFv+qnZeZAh0K6nK
        TIdgcDfpzp8ZNJ/dTx4MEdBr9Aoo4FADOh6mEdpkxCULNHsOqbEP/vd/HV77l2g9
        HjO7NGH3hY6j0tdSfzkIRwMSiBnpyZr8xlb+4sYFx7wiFdXLa3mm3NgihqB5qmyf
        Lyxrcg8s50hwIOV9eQIDAQAB
        -----END PUBLIC KEY-----
        """

    static let p384 = """
        -----BEGIN PUBLIC KEY-----
        MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEGuFHManQKIuPGjvmw2YdsB2HQx6cgDgC
        1ssY4ziHacWi4NEuUGVhpTbajwHJl8U/7y1ZjFwvW/yzmtgMXMkeLTRSMc7LGm4r
        K+PbSLN+abRJTEeGcD3t9MaL1QuTmaf6
        -----END PUBLIC KEY-----
        """
}
