"""Probability distributions: samples, densities, gradients through samples, divergences.

>>> from torch.distributions import Categorical
>>> d = Categorical(logits=torch.zeros(3, requires_grad=True))
>>> action = d.sample()
>>> loss = -d.log_prob(action)  # REINFORCE multiplies this by a reward
>>> loss
tensor(1.0986, grad_fn=<NegBackward>)
"""

from torch.distributions import constraints as constraints
from torch.distributions import divergences as divergences
from torch.distributions import transforms as transforms
from torch.distributions.bernoulli import Bernoulli as Bernoulli
from torch.distributions.beta import Beta as Beta
from torch.distributions.binomial import Binomial as Binomial
from torch.distributions.categorical import Categorical as Categorical
from torch.distributions.cauchy import Cauchy as Cauchy
from torch.distributions.chi2 import Chi2 as Chi2
from torch.distributions.constraint_registry import biject_to as biject_to
from torch.distributions.constraint_registry import transform_to as transform_to
from torch.distributions.dirichlet import Dirichlet as Dirichlet
from torch.distributions.distribution import Distribution as Distribution
from torch.distributions.exp_family import ExponentialFamily as ExponentialFamily
from torch.distributions.exponential import Exponential as Exponential
from torch.distributions.fishersnedecor import FisherSnedecor as FisherSnedecor
from torch.distributions.gamma import Gamma as Gamma
from torch.distributions.geometric import Geometric as Geometric
from torch.distributions.gumbel import Gumbel as Gumbel
from torch.distributions.half_cauchy import HalfCauchy as HalfCauchy
from torch.distributions.half_normal import HalfNormal as HalfNormal
from torch.distributions.independent import Independent as Independent
from torch.distributions.kl import kl_divergence as kl_divergence
from torch.distributions.kl import register_kl as register_kl
from torch.distributions.laplace import Laplace as Laplace
from torch.distributions.log_normal import LogNormal as LogNormal
from torch.distributions.multinomial import Multinomial as Multinomial
from torch.distributions.multivariate_normal import MultivariateNormal as MultivariateNormal
from torch.distributions.normal import Normal as Normal
from torch.distributions.one_hot_categorical import OneHotCategorical as OneHotCategorical
from torch.distributions.pareto import Pareto as Pareto
from torch.distributions.poisson import Poisson as Poisson
from torch.distributions.relaxed_bernoulli import RelaxedBernoulli as RelaxedBernoulli
from torch.distributions.relaxed_categorical import RelaxedOneHotCategorical as RelaxedOneHotCategorical
from torch.distributions.studentT import StudentT as StudentT
from torch.distributions.transformed_distribution import TransformedDistribution as TransformedDistribution
from torch.distributions.transforms import AbsTransform as AbsTransform
from torch.distributions.transforms import AffineTransform as AffineTransform
from torch.distributions.transforms import ComposeTransform as ComposeTransform
from torch.distributions.transforms import ExpTransform as ExpTransform
from torch.distributions.transforms import LowerCholeskyTransform as LowerCholeskyTransform
from torch.distributions.transforms import PowerTransform as PowerTransform
from torch.distributions.transforms import SigmoidTransform as SigmoidTransform
from torch.distributions.transforms import SoftmaxTransform as SoftmaxTransform
from torch.distributions.transforms import StickBreakingTransform as StickBreakingTransform
from torch.distributions.transforms import Transform as Transform
from torch.distributions.transforms import identity_transform as identity_transform
from torch.distributions.uniform import Uniform as Uniform
