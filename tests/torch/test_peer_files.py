"""Files that PyTorch 2.13 wrote, read here. peer_files.py exchanges more of them with a PyTorch that is installed."""

from __future__ import annotations

import base64
import io
import zlib

import pytest

import torch

# x = torch.tensor([[1., 2., 3.], [4., 5., 6.]])
# torch.save(OrderedDict(view=x.t(), row=x[1], p=Parameter(tensor([1, 2]).half(), requires_grad=False),
#                        i=tensor([2**40]), flag=tensor([True, False]), n=3)), compressed.
LEGACY = (
    r"c-nQ6+iuf95QgowlY*h8oGHh0b~%K`HA#?=h!Cof%&F$aH^?&1Ha1$kne`?WNR@Jva(D(Vxa2W-9UcLR3uf(LDOIq%Bky?j|K{J_G5Kn-Ki@Wg"
    r"ufF^7YNatI&wm*hcR{m*Wlhrtf=eEA7LKUMQ=Wm21;HZzVX2gihBWJ?Q3m95U|~{z7|<|JKhhkGT`=vShRHnPLPE_Wfq}C$lTi1}z*HJM>%)R)"
    r"4u{B$5yNOKk&;_4MUM*Fdy>Y|0&UF)-7Z#)Qn~{qmR!V1BOJ<<<yI)@+hNLjp`=;PML2RSFl;+mP;9J>`V`D^iM7diBwv?F3u?g<);w@G+OFfa"
    r"I&G)fZb7|hGad}Fv-%4O2ev%TGd!{f2R+?0_Q3j*sE!UvIPAk>Q7!lmEF}m{%w(?Uk)#w`-a;v30!KZ40>?_B;}TBza5B)<e#5E%m>WbQdQT-4"
    r"7Mw0gQ%g@Hwp}?oGXrmT+Ut%BD+nhDKdYRO37k{#^CkR(go{30DkrO-;Ia=_icV6vI)izJXH{XY?ZdR3P6w_dMn}vIg+ani73@-ZO~Nf7ZWm{`"
    r"&7wZsnGt`?Ijh9)?)T7ab)YfzaBu2iU5PhKaYw?24{p(R2KPNfU8gtd3eV|MpSMF~9@3b1kS1*?O!eS|{QG{WbxD=3S0&>|7`pi47~}Yk<7f9T"
    r"CQIOS"
)
ZIP = (
    r"c-o~_+fUO_7(Z)AH>z^;!bQaks8eCkZm>;JurZBEO@tAXg$I|im94R?eBBu+z7Po*{|V!}&&D@n{0}h3Cm&3V4?Ou~;-lxZqqHSs2q!%~Y4`mu"
    r"r~SUKn^xE`LeVJNGdfTgQmsN+U)Dy7Dpuo5PYqdWLvy~d#uN&sVQ2-co0Tg6$SP`<R=lqlFc0W@7DBNc;YZ85wgOB6n}jf)uVLM&@_9>}ujxiH"
    r"kF`qGwDQX$4{R)!i;(y#iBwA(gdGSk8>Wh9otr$g<U%B76u2Bq*1}Q^A_|8gI-?+kRhUg^RYD583H<9a^>7Ts@hqIMgDrCf+R8+x94@z%xv~vx"
    r"pCK@I13Hw@26Q^0E(|BLaLQI%g3}GGFR7NgsA0|G;f%vtH~c^~7F@sGHj4l~M2^AGOMNmM&`0IYI&$YQoX<kPb8+DnT+G5H8>Pc#AMr!8QgVq0"
    r"><|$K32_L+6-rDvuhP>shbxAGoNw4~VZl&KaMMR8nWo{=4cT-F7<PQd>pn*)-Kaw+U=XvAumdZQRM=X4T8Tt^`)Z3UgAkq54O6NcrQMW@FPPS%"
    r"iu22wRVAq-OUXcH9c&0x{lo9?>(mgPjn(^5YFE9UV0qQhOO-{ff@LXj7z5);YG85&w#m*Bv#)_pH0c_ce~vYi7K<$1KGeqR!_YA{H0ojF&d*+s"
    r"sBrswXhU~>RXs8)OSg_-0HL)>LOVqcGS|p_OXjC3>S*v+rniUu*we((kl&FYOR)nxLKDc=diHXAm8N*OiPn@~OO&OFqdfjOn>Iu>Bhe@Ce-x=`"
    r"w26lazlVe@r4Q{PWGjCh_?&B=f9>d=tL&EDog;03F2Pg%tv98|&Gq|{xLbhs)~lMOlL}l_>DME#7iB5_pLT@NR4P3#ro>DtlSz*yg>i9A5K~DZ"
    r"DGKRyhK#ZCOeP^xmw)r`{=|rnnC&t|&AL9l4Xk62^Wb+di1s$1ZXa@%L5*5oki^?W`g|l?UXneXE6C$*1f4#fEQ|Iwpdj2^wQWB5Hx>nYM-c0+"
    r"LO-?~4q$~K)>}P(?AIVx3}U_c@5km^0@y?l>&@MEANGp}+u)sfQ>x$ptU1&q*{2nb8`>!icGyMofpwj!YjMs>aP%({deMq@x(~V6!Z{e;j(1}J"
    r"0h+=ypa"
)


@pytest.mark.parametrize("text", [LEGACY, ZIP], ids=["legacy", "zip"])
def test_files_of_pytorch(text: str) -> None:
    data = zlib.decompress(base64.b85decode(text))
    for trusting in (None, True):
        found = torch.load(io.BytesIO(data), weights_only=trusting)
        assert list(found) == ["view", "row", "p", "i", "flag", "n"]
        assert found["view"].tolist() == [[1, 4], [2, 5], [3, 6]] and found["view"].stride() == (1, 3)
        found["row"][0] = 9
        assert found["view"][0, 1].item() == 9
        p = found["p"]
        assert type(p) is torch.nn.Parameter and not p.requires_grad and p.dtype == torch.float16 and p.tolist() == [1, 2]
        assert found["i"].tolist() == [2**40] and found["n"] == 3
        assert found["flag"].dtype == torch.uint8 and found["flag"].tolist() == [1, 0]


def test_an_archive_has_check_sums() -> None:
    data = bytearray(zlib.decompress(base64.b85decode(ZIP)))
    at = data.index(bytes(torch.tensor([1.0, 2.0, 3.0])))
    data[at] ^= 1
    with pytest.raises(RuntimeError, match="Bad CRC-32"):
        torch.load(io.BytesIO(data))
