"""Sparse tensors in files: written and read here, and read as PyTorch 2.13 wrote them."""

from __future__ import annotations

import base64
import io
import pickle
import threading
import zlib
from typing import Any

import pytest

import torch
from torch import serialization

# x = sparse_coo_tensor([[2, 0, 2], [1, 3, 1]], [1., 2., 3.], (3, 4)); torch.save({"x": x, "rows": sparse_coo_tensor([[1]],
#     ones(1, 2).double(), (4, 2)).coalesce()}), compressed.
SPARSE_LEGACY = (
    r"c-nPRNl)8A6!w;+m_q4ZN*B7DE-562;1e7W7t_sLe5owsjAB<-CZ9c~1qmsaM5Mo=KcIiDw_Ypt(C0XzB}zx5d73wGzGdEYm9KjI``hlX<xk(=FIKzCn;$"
    r"BzCy)$xL6W3S!UYd_>>aWsjd&X}6}WSB5=TPB%wz3l<hP-mx;iDrQHObHbj(tyC(sPHM9DPdi9pF#T$OfFTcB)fu9jo)b_*3-%d#=2OxZ7x1HqFZta_P<;"
    r"#Bt%c92DJ(@Q&kk}^-QcFGeS%BU=5N#w`Tu`fuW?zNckV*iL|LWeqZF)Ax=2b@Feq2!=!{D-F?@D6J_Du&@!auZbPw-_!ISM)uSzF*{Y%((MZVwrWTzPf4"
    r"F8kSizp%3i_oeZ;f`K`dk54L10w%W&>t=e)Q^Min1HfBLCJJsJMO_s3cP85*tODhf*1TH(c5|V^)OuHL%U!3t?J;%G&FzcHpu7$I<N_^LIKDCD%w%o(bL6"
    r"}3{5?FL_djz&mjnc71YP3G?^l;a~y@9~}K9(Ik7<MS(pHn;xm9T6SI>MPrPRpv{5pl}I`8em4b8}CM@U-B4CSW*NIcH^uX9qDm^YVNGcfDq9;056-g!{6<"
    r"Rr+{EPe{1c0{6ARs)My~$=342S`T#x=BdDX9~%xD`M>&@|EnqQBu_J<OjDswYp=$td4G%1-J)fi=C(Y_jH4p`JAQ7BV|nWN-~IT$I<fx)jp6OX"
)
SPARSE_ZIP = (
    r"c-o~_&u`OK9DlJ>H<&I>8C#(p9s3<NNMk3B8yFN>$QMr{Gny3bV!4SITQhOL_DdO{NtLQZ^dHz|(r!EKgx~<$AHanh2RK#Qq`_gQ?Y15FUYw-%i_(bhDb|"
    r"x;zMmiO`TPCaHJwi*l*yp6kwYht6*L@o+g@#2*eYy&>uG8heVrIP-1mU;^%Mbo2dM`338G+ju<M1Q8Q7a0*K3;LmKB7yiS2gi2O@BTu+R=%%X9Bo*!A0@*"
    r"|M?eS-1TT7J;wl2;(3uLN|OL(p{J_K*&$fi3H4TS%leqzCKGRLK11UY{*0q@e9A*x)H63aIEjU2x6Tlb7QLm$8`b2+?P7iIi2sp8#=G2dXU{~G<?sq8`Nk"
    r"hUJsgfU^lP14dQhEoB=ru3kIBUh^R9Z(mdb7Bc(U{N)nuOj_W*zx2OW&g}3!o7Z&#%N^%OrX#<u9@Eh(O0$V2f=^nh(g);`M>|uDf2WJg<uTGvB3jA9kyz"
    r"g+1kdKs|Xg@N1KvYr~KBOusx`B_P>ElT06AXC+&L!+#^E;cKJ@Wf$pQ!|&5hf19`G|?@!3A<KgsBiQtzsw|AUVr=n*J$wp=3b$9)`6ZR18o$g_=H_x&QLX"
    r"tFs(J^r}tFw?(u(%D2KdesI&m=C&P#<j6I3kx9GJkf^}pzxH>jUwTazSVGEyz#uP7l7FrCO}mXXwKPfNuu&;f0~@#CPqI109co|!ZHx?T-p001^GH)K9Yu"
    r"FIJQrinrXISN|2QoW72!}1S#%{))vHBKz4$*2a18(OJ~fzm=AJqYAGyzqwD6`lJ(+YWX=-lFDMC9NB={=%U8UR)e#kzYBMWm=xYv{1vZj`gbPDl({qx(sU"
    r"#M7SiuUJ8?UJUhANdJHoPTc&XX@j6`se$(eg{9y$2=;He2nUB^>vMuM5_4gr`A`~^M3`&2L;&Qdg2XWx=l?jyru!Es3_|dS&^$swYt7mmMZd^Bq?RNq9{_"
    r"eT&=8CsztI+T|WKw$K5>fk?*@q^;31|Gv1?eW6s(4Ad8MSpv44oi$jyT8cPyyB1;L9XK|9T&c*V?8^J<?$KcU;17hLv>dYqKFL=cC4i+1)z9e=h&0r-K8?"
    r"T-ucAv${EH<9;No;+F!IoHTJa^|4*xzH=3C}E^QY*=`7SNPrujzttepnj(g%MI@=G{S0{Z|;a8i9V<pu5KoT5C<85h9G(kB?&i0}P@uAO"
)


def written(obj: object, *, new: bool) -> bytes:
    file = io.BytesIO()
    torch.save(obj, file, _use_new_zipfile_serialization=new)
    return file.getvalue()


def parts(x: Any) -> tuple[Any, ...]:
    return type(x), tuple(x.size()), x.is_coalesced(), x._indices().tolist(), x._values().tolist(), x.requires_grad


def example() -> Any:
    return torch.sparse_coo_tensor([[2, 0, 2], [1, 3, 1]], [1.0, 2.0, 3.0], (3, 4))


@pytest.mark.parametrize("text", [SPARSE_LEGACY, SPARSE_ZIP], ids=["legacy", "zip"])
def test_files_of_pytorch(text: str) -> None:
    data = zlib.decompress(base64.b85decode(text))
    for trusting in (True, False):
        found = torch.load(io.BytesIO(data), weights_only=trusting)
        assert parts(found["x"]) == parts(example())
        assert found["rows"].is_coalesced() and found["rows"].to_dense().tolist() == [[0, 0], [1, 1], [0, 0], [0, 0]]
        assert found["rows"].dtype == torch.float64


@pytest.mark.parametrize("new", [False, True])
def test_there_and_back_on_a_device(new: bool, device: str) -> None:
    x = example().to(device)
    data = written({"all": [x, x.coalesce()], "empty": torch.zeros(2, 3, layout=torch.sparse_coo, device=device)}, new=new)
    found = torch.load(io.BytesIO(data))
    assert [parts(a) for a in found["all"]] == [parts(x), parts(x.coalesce())] and found["all"][0].device == x.device
    assert found["empty"].type() == torch.zeros(2, 3, layout=torch.sparse_coo, device=device).type()
    for place in ("cpu", device):
        moved = torch.load(io.BytesIO(data), map_location=place)["all"][1]
        assert moved.is_cuda == (place == "cuda") and torch.equal(moved.cpu().to_dense(), example().to_dense())
    assert parts(pickle.loads(pickle.dumps(x))) == parts(x)


@pytest.mark.parametrize("new", [False, True])
def test_there_and_back(new: bool) -> None:
    x = example()
    cases = [x, x.coalesce(), torch.sparse.LongTensor(2, 3), torch.sparse.DoubleTensor(), example().requires_grad_()]
    found = torch.load(io.BytesIO(written({"all": cases, "layout": torch.sparse_coo}, new=new)))
    assert [parts(a) for a in found["all"]] == [parts(a) for a in cases] and found["layout"] is torch.sparse_coo
    assert parts(pickle.loads(pickle.dumps(x))) == parts(x) and pickle.loads(pickle.dumps(torch.strided)) is torch.strided


@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize("index", [[[5], [0]], [[0], [4]], [[-1], [0]]])
def test_indices_are_looked_at_when_they_are_there(new: bool, index: list[list[int]]) -> None:
    """In the older format the elements come behind the pickle that names the tensors."""
    x = torch.sparse_coo_tensor([[2], [1]], [1.0], (3, 4))
    x._indices().copy_(torch.tensor(index))
    with pytest.raises(RuntimeError, match="indices"):
        torch.load(io.BytesIO(written(x, new=new)))
    with pytest.raises(RuntimeError, match="indices"):
        pickle.loads(pickle.dumps(x))
    assert parts(torch.load(io.BytesIO(written(example(), new=new)))) == parts(example())


def test_what_a_file_claims_is_not_believed() -> None:
    x = example()
    x._coalesced = True
    assert not torch.load(io.BytesIO(written(x, new=True))).is_coalesced()
    dense = torch.zeros(2)
    for data in (
        (dense, dense, (3,)),
        (torch.zeros(1, 2).long(), dense, (3, 3)),
        (torch.zeros(1, 2).long(), dense.half()[:1], (3,)),
        (1,),
    ):
        with pytest.raises((RuntimeError, TypeError)):
            torch._utils._rebuild_sparse_tensor(torch.sparse_coo, data)
    with pytest.raises(RuntimeError, match="there is only"):
        torch._utils._rebuild_sparse_tensor(torch.strided, (dense, dense, (3,)))
    for name in ("torch.nothing", "float32", "torch.Tensor"):
        with pytest.raises(serialization.UnpicklingError, match="layout"):
            serialization._get_layout(name)


def test_threads_read_side_by_side() -> None:
    data, failed = written([example()] * 20, new=False), []

    def read() -> None:
        for _ in range(20):
            if any(parts(x) != parts(example()) for x in torch.load(io.BytesIO(data))):
                failed.append(1)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
