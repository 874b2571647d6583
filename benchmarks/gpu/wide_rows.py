"""Rows of device_rows.py beyond the usual ones: other layouts, dtypes and dimensions, what trains models, and layers.

name: (set-up, statement, bytes moved or 0).
"""

from __future__ import annotations

_PLANE = "x = torch.rand(8192, 8192, device='cuda'); y = torch.empty_like(x); b = x[0].clone(); m = x > 0.5"
_HALVES = "x = torch.rand(8192, 8192, device='cuda').half(); y = torch.empty_like(x)"
_DOUBLES = "x = torch.rand(8192, 4096, device='cuda').double(); y = torch.empty_like(x)"
_WHOLE = "x = torch.arange(33_554_432, device='cuda'); y = x + 1; z = x + 2"
_CUBE = "x = torch.rand(256, 512, 512, device='cuda')"
_PICKS = """
x = torch.rand(8192, 8192, device='cuda')
i = torch.randint(0, 8192, (8192, 8192), device='cuda').long(); y = torch.zeros_like(x)
"""
_PLACES = """
x, v = torch.zeros(100_000_000, device='cuda'), torch.rand(1_000_000, device='cuda')
i = (torch.rand(1_000_000, device='cuda') * 100_000_000).long()
"""
_LOGITS = """
F = torch.nn.functional; x = torch.randn(8192, 8192, device='cuda'); t = torch.randint(0, 8192, (8192,), device='cuda').long()
"""
_TENS = "F = torch.nn.functional; x = torch.randn(1_000_000, 10, device='cuda')"
_TABLE = """
c = torch.nn.Embedding(50_000, 512).cuda(); i = torch.randint(0, 50_000, (64, 512), device='cuda').long(); g = c(i).detach()
"""
_IMAGES = "nn = torch.nn; x = torch.rand(64, 64, 56, 56, device='cuda', requires_grad=True); g = torch.ones_like(x)"
_ROWS = "nn = torch.nn; x = torch.rand(8192, 4096, device='cuda', requires_grad=True); g = torch.ones_like(x)"
_SIGNALS = "nn = torch.nn; x = torch.rand(32, 128, 2048, device='cuda', requires_grad=True)"
_GRID = """
F = torch.nn.functional; x = torch.rand(16, 32, 128, 128, device='cuda', requires_grad=True)
k = (torch.rand(16, 128, 128, 2, device='cuda') * 2 - 1).requires_grad_(); g = torch.ones(16, 32, 128, 128, device='cuda')
o = {'align_corners': True} if 'align_corners' in F.grid_sample.__code__.co_varnames else {}
"""
_MODEL = """
nn = torch.nn; m = nn.Sequential(*[nn.Linear(512, 512) for _ in range(24)]).cuda()
for p in m.parameters(): p.grad = torch.ones_like(p)
"""
_ELEMENTS = 8192 * 8192 * 4  # bytes
_HALF = _ELEMENTS // 2

WIDE: dict[str, tuple[str, str, int]] = {
    # element by element
    "mul of every second column": (_PLANE, "torch.mul(x[:, ::2], 2, out=y[:, ::2])", _ELEMENTS),
    "add a column": (_PLANE, "torch.add(x, b.unsqueeze(1), out=y)", 2 * _ELEMENTS),
    "add transposed": (_PLANE, "torch.add(x, x.t(), out=y)", 3 * _ELEMENTS),
    "compare": (_PLANE, "x > 0.5", _ELEMENTS * 5 // 4),
    "where": (_PLANE, "torch.where(m, x, y)", _ELEMENTS * 13 // 4),
    "masked_fill_": (_PLANE, "y.masked_fill_(m, 0)", _ELEMENTS * 9 // 4),
    "masked_select": (_PLANE, "x.masked_select(m)", _ELEMENTS * 7 // 4),
    "add int64": (_WHOLE, "torch.add(x, y, out=z)", 3 * 8 * 33_554_432),
    "sigmoid double": (_DOUBLES, "torch.sigmoid(x, out=y)", 2 * _ELEMENTS),
    "float of half": (_HALVES, "x.float()", _HALF * 3),
    "tanh half": (_HALVES, "torch.tanh(x, out=y)", 2 * _HALF),
    "cat": (_PLANE, "torch.cat([x[:4096], x[4096:]], 1)", 2 * _ELEMENTS),
    "contiguous of permuted": (_CUBE, "x.permute(1, 2, 0).contiguous()", 2 * _ELEMENTS),
    # reductions
    "sum of the middle": (_CUBE, "x.sum(1)", _ELEMENTS),
    "mean rows half": (_HALVES, "x.mean(1)", _HALF),
    "sum columns half": (_HALVES, "x.sum(0)", _HALF),
    "sum rows double": (_DOUBLES, "x.sum(1)", _ELEMENTS),
    "sum int64": (_WHOLE, "x.sum()", 8 * 33_554_432),
    "std rows": (_PLANE, "x.std(1)", _ELEMENTS),
    "norm": (_PLANE, "x.norm()", _ELEMENTS),
    "argmax rows": (_PLANE, "x.argmax(1)", _ELEMENTS),
    "max columns": (_PLANE, "x.max(0)", _ELEMENTS),
    "max of all": (_PLANE, "x.max()", _ELEMENTS),
    "sum of short rows": ("x = torch.rand(4_194_304, 16, device='cuda')", "x.sum(1)", _ELEMENTS),
    "cumsum columns": (_PLANE, "x.cumsum(0)", 2 * _ELEMENTS),
    "topk 10 of 8192": (_PLANE, "x.topk(10, 1)", 0),
    "sort rows of 8192": ("x = torch.rand(1024, 8192, device='cuda')", "x.sort(1)", 0),
    # indices and random numbers
    "gather": (_PICKS, "x.gather(1, i)", 4 * _ELEMENTS),
    "scatter_add_": (_PICKS, "y.scatter_add_(1, i, x)", 0),
    "index by rows": (_PICKS, "x[i[0]]", 2 * _ELEMENTS),
    "index by rows, forth and back": (_PICKS + "x.requires_grad_()", "x[i[0]].backward(y)", 0),
    "assign to a million places": (_PLACES, "x[i] = v", 0),
    "assign a number there": (_PLACES, "x[i] = 3", 0),
    "normal 1e8": ("x = torch.empty(100_000_000, device='cuda')", "x.normal_()", 400_000_000),
    "bernoulli 1e8": ("x = torch.empty(100_000_000, device='cuda')", "x.bernoulli_(0.5)", 400_000_000),
    "randperm 1e6": ("", "torch.randperm(1_000_000, device='cuda')", 0),
    # layers and losses
    "dropout": (_ROWS, "nn.functional.dropout(x, 0.1, True)", 0),
    "dropout, forth and back": (_ROWS, "nn.functional.dropout(x, 0.1, True).backward(g)", 0),
    "relu, forth and back": (_ROWS, "nn.functional.relu(x).backward(g)", 0),
    "log_softmax": (_LOGITS, "F.log_softmax(x, 1)", 2 * _ELEMENTS),
    "log_softmax of columns": (_LOGITS, "F.log_softmax(x, 0)", 2 * _ELEMENTS),
    "log_softmax of ten": (_TENS, "F.log_softmax(x, 1)", 80_000_000),
    "cross entropy": (_LOGITS, "F.cross_entropy(x, t)", 0),
    "cross entropy, forth and back": (_LOGITS + "x.requires_grad_()", "F.cross_entropy(x, t).backward()", 0),
    "mse, forth and back": (_ROWS, "nn.functional.mse_loss(x, g).backward()", 0),
    "embedding": (_TABLE, "c(i)", 0),
    "embedding, forth and back": (_TABLE, "c(i).backward(g)", 0),
    "group norm": (_IMAGES + "; c = nn.GroupNorm(8, 64).cuda()", "c(x)", 0),
    "group norm, forth and back": (_IMAGES + "; c = nn.GroupNorm(8, 64).cuda()", "c(x).backward(g)", 0),
    "group norm 32, forth and back": (_IMAGES + "; c = nn.GroupNorm(32, 64).cuda()", "c(x).backward(g)", 0),
    "instance norm, forth and back": (_IMAGES + "; c = nn.InstanceNorm2d(64).cuda()", "c(x).backward(g)", 0),
    "max pool, forth and back": (_IMAGES + "; c = nn.MaxPool2d(2); h = c(x).detach()", "c(x).backward(h)", 0),
    "grid_sample, forth and back": (_GRID, "F.grid_sample(x, k, **o).backward(g)", 0),
    "conv1d, forth and back": (_SIGNALS + "; c = nn.Conv1d(128, 128, 5).cuda(); g = c(x).detach()", "c(x).backward(g)", 0),
    "conv_transpose2d": (_IMAGES + "; c = nn.ConvTranspose2d(64, 32, 4, 2, 1).cuda()", "c(x)", 0),
    "bmm 4096 x 32": ("x = torch.rand(4096, 32, 32, device='cuda')", "x.bmm(x)", 0),
    "linear, forth and back": (_ROWS + "; c = nn.Linear(4096, 1024).cuda(); h = c(x).detach()", "c(x).backward(h)", 0),
    "step of SGD with momentum": (_MODEL + "o = torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9)", "o.step()", 0),
    "step of Adam": (_MODEL + "o = torch.optim.Adam(m.parameters())", "o.step()", 0),
    "svd 256": ("x = torch.rand(256, 256, device='cuda')", "torch.svd(x)", 0),
}
