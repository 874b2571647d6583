"""Probability distributions: samples, densities, gradients through samples, divergences.

>>> from torch.distributions import Categorical
>>> d = Categorical(logits=torch.zeros(3, requires_grad=True))
>>> action = d.sample()
>>> loss = -d.log_prob(action)  # REINFORCE multiplies this by a reward
>>> loss
tensor(1.0986, grad_fn=<NegBackward>)
"""

from torch.distributions.bernoulli import Bernoulli as Bernoulli
from torch.distributions.beta import Beta as Beta
from torch.distributions.binomial import Binomial as Binomial
from torch.distributions.categorical import Categorical as Categorical
from torch.distributions.cauchy import Cauchy as Cauchy
from torch.distributions.chi2 import Chi2 as Chi2
from torch.distributions.dirichlet import Dirichlet as Dirichlet
from torch.distributions.distribution import Distribution as Distribution
from torch.distributions.exp_family import ExponentialFamily as ExponentialFamily
from torch.distributions.exponential import Exponential as Exponential
from torch.distributions.fishersnedecor import FisherSnedecor as FisherSnedecor
from torch.distributions.gamma import Gamma as Gamma
from torch.distributions.geometric import Geometric as Geometric
from torch.distributions.laplace import Laplace as Laplace
from torch.distributions.normal import Normal as Normal
from torch.distributions.poisson import Poisson as Poisson
from torch.distributions.studentT import StudentT as StudentT
from torch.distributions.uniform import Uniform as Uniform
