"""Files that PyTorch 2.13 wrote, read here. peer_files.py exchanges more of them with a PyTorch that is installed."""

from __future__ import annotations

import base64
import io
import math
import zlib
from typing import Any

import pytest

import torch
from torch import nn

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

# torch.save({"net": Sequential(Conv1d(1, 2, 2, bias=False), BatchNorm1d(2), ReLU()),
#             "loss": MSELoss(), "classes": CrossEntropyLoss()}, ...); all parameters are 1.
MODULES = (
    r"c-qBSX>=P`6&@>z<4#;VNz;a=C3Intp_R4Ra?-RhD2)PD>NpcphC-Q+HP3p3M>D#!*iAq*rKonwR(4w2vTtQyN-6ukZ)s^MPzaC!?Jo|8KRt&Z;l4$d"
    r"G>Q|FoCD({OY`P#-+kYA_3X*gvgL}>*Qaz{tCh8i>6fWJONK2oG*h)1r&t(JuJ5=GB<i3f^=0Vbk`Q{zp@%*x*G*MDD{@GXDtm5d+Ai_cJp>}+hPLUb"
    r"kQllJmepZ-QfH|{A1!RR0xK5uRd{dIOy8`MkoW=g)?p<#GNz*GX|~c=hqLqx*oy19Mh%zjAjH5;10%pn)Utv1wiDW}VW_yG!m1mfzX4}!Frc5q<C*1|"
    r"In%d{nokVsc{2eFmdl>wkaB2yZlLb+E#edFYP*cytA{jLqYrjC3a7P{Jv&D~k3F*kV>)u2P8(P^p%1X9)1KevcrJH5Pv6k>$e6Q3YOny60M>J}r|B1V"
    r"o0-m>xi2uvCKheM`P^`WzP8=41?~d=_(FZ-aUXZ2d^$JXsIOtBL1>1=u&@g<&@=eci}Z72Pg|)j<`$O-WR7QA$2Yr_n>|x(W|x^4G!s6H+dW&*KoSd{"
    r"Q-@?y@4=-s3>}wuv+6edm9bQKF4FCJb+{}^S1eFu)a6ON7aiw_U7;bQq_+`;wiBp^PZ)Eo77JAvUcv-<7kIugn^hr=)vUyz0a}_B0vX|=77<vuM=Yw4"
    r"l@;f>X3Dh)MoP;=7~Ne`N{LcWDKQUu{D2?lVeBBsy(xsv8eFl!Z???Cl^R^7qiU5Y+YDgqL_|>$<5Z<c@aH$+1sW9SAUEDd1vjsz>n5mR+jc7GRHT9}"
    r"JE)+=3#r)i7g4dh*HE#CB`P*)Cl#A;Eycc1aFwF6%G7jS;smg()T8&~niqww#mQ2F8_p0P?~TCTPhfW`(EyEiKL~x>BCw~_(|{NA*40eQVq;)$Nol}!"
    r"e7h~%F_{|SCCp6MRWUBy0O^60f9XLkEKFO&%uWC6ng7dpl8Wy|wE$i&>ys9YL<DZoSK!iq;(GzSLcfTS%O|rqL5S51g$p%;l*FB$v&#ew+$QBVxG|dI"
    r"`<MZ<n|V`aSf;M$SJeXhG=ZNO2d9vO<vLhR4w58I(P4_Tp&6Q$;il<GDG@@2)1d*Bfwlz=UKzrS29BUXbsk&|Ji0X&AqzDT0b~T9MF>QMFoZ~hSrK7w"
    r"9&XZLA1BZLByWx%xh`)GF<p37N8B8|TEwl(xUXSxZx(S6gm8-nujPB)j4^BaaBD}15qO;l(U2i-V<F~6h=mXiYH&Lr%x+XQcn?Wn;8vGsaGzf<LP<&O"
    r"^xVp#qTaxxkHQ-<dQS*%!stUoBI=t%xI=@tL_!;HZNS?!c)QfbJES(=+0w?lq&D6ywQ;A^#$8ey?~&TLTWaGTsf~N3Hr~s$@jl*4hG80s6Ztr)-j6z9"
    r"Y9~m<5A4`_^r`z7j?jN{dRM(Fese`t_~4H52k&IpU7WV&^fZ2F!iN@kM|c;EW^37u4B*2Hl7m_JNH+(Omi8<cj;fKJdsX--vhQPc_;{0j_pyEdglNns"
    r"8}KO&J}n#b8QGZ6wi@#}*_hAE#(Y6G=8Lj1_shn7NjByI*_bcO#yrRx^A#>}+pRe!3hAo{qp1iHusP;<K>%Ot2Eo?VYxiv5$=>1Xh~OJ__+}Hqw-|zN"
    r"3k2V3z;`wHo<#6{iQoq<1V5Arek2k6SR(j|MDSCI;AaxS&n1FiNCdxR2!5rX#TZVkh#wH(5U-xA<spQ^;FTRS2yn|EUINWFoHfCAH}t*QJ^}032<wqL"
    r"Jlcfy8wTq!nwkg%wBI)1cN+X&LVH|7`$G%bA0@QI655|6v_DH|f059RNN7hTw7*Jde`C=8P7l$CICJd^jxJ)@u0?KwC$72s*s){$)Z>^_Y=&1oFQjb7"
    r"KDncLQpAl+O_o;n9lhtihx>3ov)AO3=gRd;Zt+~1!c$1q3=KAOv7yDnaO`+_(ksIfKk$#oZ)HkgucZ@jP{vw`<(D)bpb#&UV6l)p)!gjLkFWy9=itc%"
    r"rbwKyfHlhaVgXb8LgKOGWwEg3bn-SY#|}e>uo@ay9XX#(j@}d2FraMhIMolQi-jxBpa4ZVFy8)Rm0Y)uKCznr1##j^Mmj6W6botPbn~;kckJ$cgeB@b"
    r"N!}|v^Ja^MP0E?#KZE?aGs`b7mft>n2|11YBmZaoqyJm{gUXi0{EKsE>~ssrsVwuMdn<cSuK$fnwl#n_^nm#I*RZ{xe^DE@RV<`Vv5-tQziBi-mfM`)"
    r"oFBoTY(9fmI+stUbGdXbJDS~;&yA&Xtjf%#hj%5hjwG+LhZVb6XZ!44-Bo$~{{V6C_5r-U!;_uYmzehPAnikRLr0K9?LoRGcRWt}AY9WCM_Z+I58$|a"
    r"`}7*<aDQ}_5}TcI-*yFb`rg<d^UeJCzK_LyvvJ>c=6Cw)XUBYVr;s=9J8}wn2V%aXao={$40h&i^Id`~?Nr{_xyOUbNkleT>g~O(DamD*FM9UJ-v6Bt"
    r"?@tXjM@%m};VJ)GEAGW<V@0p<>F4&s_CLW$Myd"
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


def check_modules(found: dict[str, Any]) -> None:
    net, loss = found["net"], found["loss"]
    assert [type(layer) for layer in net] == [nn.Conv1d, nn.BatchNorm1d, nn.ReLU] and type(loss) is nn.MSELoss
    y = net.eval()(torch.tensor([[[1.0, 2.0, -9.0]]]))
    assert y.tolist() == [[[pytest.approx(4, abs=1e-4), 0]] * 2]
    y.sum().backward()
    assert net[0].weight.grad.size() == (2, 1, 2)
    assert loss(torch.zeros(2), torch.tensor([1.0, 3.0])).item() == 5
    assert found["classes"](torch.zeros(1, 2), torch.tensor([1])).item() == pytest.approx(math.log(2))


def test_whole_modules_of_pytorch() -> None:
    """Its classes of layers live in files of other names."""
    data = zlib.decompress(base64.b85decode(MODULES))
    check_modules(torch.load(io.BytesIO(data), weights_only=False))
    with pytest.raises(RuntimeError, match="names torch.nn.modules.container.Sequential, which is not plain data"):
        torch.load(io.BytesIO(data))


def test_whole_modules_of_pytorch_that_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.serialization, "_safe_globals", {})
    torch.serialization.add_safe_globals([nn.Sequential, nn.Conv1d, nn.BatchNorm1d, nn.ReLU, nn.MSELoss, nn.CrossEntropyLoss])
    check_modules(torch.load(io.BytesIO(zlib.decompress(base64.b85decode(MODULES)))))


def test_losses_of_0_4_0_have_no_reduction() -> None:
    loss = nn.L1Loss()
    state = {key: value for key, value in vars(loss).items() if key != "reduction"}
    old = nn.L1Loss.__new__(nn.L1Loss)
    old.__setstate__({**state, "size_average": False, "reduce": True})
    assert old(torch.zeros(2), torch.tensor([1.0, 3.0])).item() == 4


def test_an_archive_has_check_sums() -> None:
    data = bytearray(zlib.decompress(base64.b85decode(ZIP)))
    at = data.index(bytes(torch.tensor([1.0, 2.0, 3.0])))
    data[at] ^= 1
    with pytest.raises(RuntimeError, match="Bad CRC-32"):
        torch.load(io.BytesIO(data))
