// Element by element: y = x * sigmoid(beta * x), and its derivative.
#pragma once

#include <cmath>

template <class T>
T sigmoid(T x) {
  return T(1) / (T(1) + std::exp(-x));
}

template <class T>
T swish(T x, T beta) {
  return x * sigmoid(beta * x);
}

template <class T>
T swish_slope(T x, T beta) {
  const T s = sigmoid(beta * x);
  return s + beta * x * s * (T(1) - s);
}
