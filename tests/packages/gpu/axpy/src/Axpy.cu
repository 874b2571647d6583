// y[i] += a * x[i] for n elements in device memory; returns CUDA's status, 0 for success.
namespace {
__global__ void axpy_kernel(long n, float a, const float *x, float *y)
{
    long i = blockIdx.x * static_cast<long>(blockDim.x) + threadIdx.x;
    if (i < n)
        y[i] += a * x[i];
}
} // namespace

extern "C" __attribute__((visibility("default"))) int axpy(long n, float a, const float *x, float *y)
{
    axpy_kernel<<<static_cast<unsigned>((n + 255) / 256), 256>>>(n, a, x, y);
    return static_cast<int>(cudaGetLastError());
}
