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

    /// The key of RFC 7515, section A.2.1, as SubjectPublicKeyInfo.
    static let rfc7515RSA = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj
        NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz
        P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo
        9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB
        EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX
        FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp
        oQIDAQAB
        -----END PUBLIC KEY-----
        """

    static let rfc7515Message = """
        eyJhbGciOiJSUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
        cGxlLmNvbS9pc19yb290Ijp0cnVlfQ
        """

    static let rfc7515Signature = """
        cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt\
        _O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArL\
        IARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7no\
        OPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ\
        Ge77Rw
        """
}
