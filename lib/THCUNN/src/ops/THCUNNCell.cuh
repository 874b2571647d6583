// A step of a recurrent cell after its matrix products, element by element: i runs over N samples of H elements, whose gates
// and what is stored lie in rows of several parts of H. What may be missing is NULL.
#pragma once

#include "ops/THCUNNCall.cuh"

template <class T> __device__ THCCompute<T> cunn_orZero(const T *data, int64_t at)
{
    return data == nullptr ? (THCCompute<T>)0 : THCElement<T>::up(data[at]);
}

// Element j of the row of gates of a sample.
struct CunnGate {
    int64_t sample, j, width;

    __device__ CunnGate(int64_t i, int64_t h) : sample(thc_quotient(i, h)), j(i - sample * h), width(h) {}
    __device__ int64_t at(int64_t parts, int64_t part) const { return (sample * parts + part) * width + j; }
    __device__ int64_t inBias(int64_t part) const { return part * width + j; }
};

// Gates i, f, g, o.
template <class T> struct CunnLstm {
    using C = THCCompute<T>;
    int64_t width;
    const T *input, *hidden, *bias1, *bias2, *cx;
    T *storage, *hy, *cy;

    __device__ C sum(const CunnGate &gate, int part) const
    {
        const int64_t at = gate.at(4, part), own = gate.inBias(part);
        return THCElement<T>::up(input[at]) + cunn_orZero(hidden, at) + cunn_orZero(bias1, own) + cunn_orZero(bias2, own);
    }

    __device__ void operator()(int64_t k) const
    {
        const CunnGate gate(k, width);
        const C i = sigmoidOf(sum(gate, 0)), f = sigmoidOf(sum(gate, 1)), g = tanh(sum(gate, 2)), o = sigmoidOf(sum(gate, 3));
        const C cell = f * THCElement<T>::up(cx[k]) + i * g;
        storage[gate.at(4, 0)] = THCElement<T>::down(i);
        storage[gate.at(4, 1)] = THCElement<T>::down(f);
        storage[gate.at(4, 2)] = THCElement<T>::down(g);
        storage[gate.at(4, 3)] = THCElement<T>::down(o);
        cy[k] = THCElement<T>::down(cell);
        hy[k] = THCElement<T>::down(o * tanh(cell));
    }
};

// Two gradients of each state, from outside and from the step behind, are added up. gcx may be gcy2.
template <class T> struct CunnLstmBackward {
    using C = THCCompute<T>;
    int64_t width;
    const T *storage, *cx, *cy, *ghy, *ghy2, *gcy, *gcy2;
    T *ggates, *gcx;

    __device__ void operator()(int64_t k) const
    {
        const CunnGate gate(k, width);
        const C i = THCElement<T>::up(storage[gate.at(4, 0)]), f = THCElement<T>::up(storage[gate.at(4, 1)]);
        const C g = THCElement<T>::up(storage[gate.at(4, 2)]), o = THCElement<T>::up(storage[gate.at(4, 3)]);
        const C squashed = tanh(THCElement<T>::up(cy[k])), gh = cunn_orZero(ghy, k) + cunn_orZero(ghy2, k);
        const C gc = gh * o * ((C)1 - squashed * squashed) + cunn_orZero(gcy, k) + cunn_orZero(gcy2, k);
        ggates[gate.at(4, 0)] = THCElement<T>::down(gc * g * i * ((C)1 - i));
        ggates[gate.at(4, 1)] = THCElement<T>::down(gc * THCElement<T>::up(cx[k]) * f * ((C)1 - f));
        ggates[gate.at(4, 2)] = THCElement<T>::down(gc * i * ((C)1 - g * g));
        ggates[gate.at(4, 3)] = THCElement<T>::down(gh * squashed * o * ((C)1 - o));
        gcx[k] = THCElement<T>::down(gc * f);
    }
};

// Gates r, z, n. Stored: them, the state before and the hidden part of n.
template <class T> struct CunnGru {
    using C = THCCompute<T>;
    int64_t width;
    const T *input, *hidden, *bias1, *bias2, *hx;
    T *storage, *hy;

    __device__ C fromInput(const CunnGate &gate, int part) const
    {
        return THCElement<T>::up(input[gate.at(3, part)]) + cunn_orZero(bias1, gate.inBias(part));
    }
    __device__ C fromHidden(const CunnGate &gate, int part) const
    {
        return cunn_orZero(hidden, gate.at(3, part)) + cunn_orZero(bias2, gate.inBias(part));
    }

    __device__ void operator()(int64_t k) const
    {
        const CunnGate gate(k, width);
        const C r = sigmoidOf(fromInput(gate, 0) + fromHidden(gate, 0)),
                z = sigmoidOf(fromInput(gate, 1) + fromHidden(gate, 1));
        const C kept = fromHidden(gate, 2), before = THCElement<T>::up(hx[k]), fresh = tanh(fromInput(gate, 2) + r * kept);
        storage[gate.at(5, 0)] = THCElement<T>::down(r);
        storage[gate.at(5, 1)] = THCElement<T>::down(z);
        storage[gate.at(5, 2)] = THCElement<T>::down(fresh);
        storage[gate.at(5, 3)] = THCElement<T>::down(before);
        storage[gate.at(5, 4)] = THCElement<T>::down(kept);
        hy[k] = THCElement<T>::down(fresh + z * (before - fresh));
    }
};

// ghx may be ghy2.
template <class T> struct CunnGruBackward {
    using C = THCCompute<T>;
    int64_t width;
    const T *storage, *ghy, *ghy2;
    T *ginput, *ghidden, *ghx;

    __device__ void operator()(int64_t k) const
    {
        const CunnGate gate(k, width);
        const C r = THCElement<T>::up(storage[gate.at(5, 0)]), z = THCElement<T>::up(storage[gate.at(5, 1)]);
        const C fresh = THCElement<T>::up(storage[gate.at(5, 2)]), before = THCElement<T>::up(storage[gate.at(5, 3)]);
        const C kept = THCElement<T>::up(storage[gate.at(5, 4)]), gradient = cunn_orZero(ghy, k) + cunn_orZero(ghy2, k);
        const C gnew = gradient * ((C)1 - z) * ((C)1 - fresh * fresh);
        const C greset = gnew * kept * r * ((C)1 - r), gupdate = gradient * (before - fresh) * z * ((C)1 - z);
        ginput[gate.at(3, 0)] = ghidden[gate.at(3, 0)] = THCElement<T>::down(greset);
        ginput[gate.at(3, 1)] = ghidden[gate.at(3, 1)] = THCElement<T>::down(gupdate);
        ginput[gate.at(3, 2)] = THCElement<T>::down(gnew);
        ghidden[gate.at(3, 2)] = THCElement<T>::down(gnew * r);
        ghx[k] = THCElement<T>::down(gradient * z);
    }
};
