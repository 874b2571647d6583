// Convolutions as graphs of one operation. A FullConvolution is the gradient of a Convolution whose input has the shape of its
// output: its passes are exchanged.
#include <algorithm>

#include "TH/THArgument.h"
#include "THC/device/THCDense.cuh"

#include "core/THCUDNNPlanCache.cuh"

namespace
{

enum Direction : int64_t { FORWARD, GRAD_INPUT, GRAD_WEIGHT };
enum Operand : int64_t { X, W, Y };
constexpr int64_t ALIGNMENT_MOST = 16;     // more than that gains nothing
constexpr int MOST = THNN_SPATIAL_MAX + 2; // dimensions

// All that a plan depends on. `x` is the side with the windows: the input of a Convolution, the output of a FullConvolution.
// Numbers of one size only, so that its bytes compare.
struct Problem {
    int64_t direction, dtype, dims; // spatial ones: 2 or 3, signals are images of one row
    int64_t sizes[3][MOST];         // of x, w, y
    int64_t alignment[3];
    int64_t stride[THNN_SPATIAL_MAX], pad[THNN_SPATIAL_MAX], dilation[THNN_SPATIAL_MAX];
};

struct Names {
    cudnnBackendDescriptorType_t type;
    cudnnBackendAttributeName_t geometry, alpha, beta, operands[3];
};
constexpr Names NAMES[] = {
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
     {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y}},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
     {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY}},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
     {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY}},
};

// --- the graph --------------------------------------------------------------------------------------------------------------

cudnnDataType_t typeOf(int64_t dtype)
{
    return dtype == THDtype_Half ? CUDNN_DATA_HALF : dtype == THDtype_Float ? CUDNN_DATA_FLOAT : CUDNN_DATA_DOUBLE;
}

// A row-major tensor.
THCUDNNDescriptor tensorOf(const Problem &p, int64_t which)
{
    const int64_t ndim = p.dims + 2, *const size = p.sizes[which];
    int64_t stride[MOST];
    for (int64_t d = ndim - 1, each = 1; d >= 0; each *= size[d--]) stride[d] = each;
    const cudnnDataType_t type = typeOf(p.dtype);
    THCUDNNDescriptor made(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    made.set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type)
        .set(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, ndim, size)
        .set(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, ndim, stride)
        .set(CUDNN_ATTR_TENSOR_UNIQUE_ID, which)
        .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, p.alignment[which])
        .finalize();
    return made;
}

THCUDNNDescriptor geometryOf(const Problem &p)
{
    const cudnnDataType_t compute = p.dtype == THDtype_Double ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT;
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    THCUDNNDescriptor made(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    made.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &compute)
        .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode)
        .set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, p.dims)
        .set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, p.dims, p.stride)
        .set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, p.dims, p.pad)
        .set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, p.dims, p.pad)
        .set(CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, p.dims, p.dilation)
        .finalize();
    return made;
}

THCUDNNDescriptor graphOf(const Problem &p, cudnnHandle_t handle)
{
    const Names &names = NAMES[p.direction];
    const THCUDNNDescriptor geometry = geometryOf(p), tensors[] = {tensorOf(p, X), tensorOf(p, W), tensorOf(p, Y)};
    const bool wide = p.dtype == THDtype_Double;
    const double one = 1, zero = 0;
    const float one_single = 1, zero_single = 0;
    const cudnnBackendAttributeType_t factor = wide ? CUDNN_TYPE_DOUBLE : CUDNN_TYPE_FLOAT;
    THCUDNNDescriptor operation(names.type);
    operation.set(names.geometry, geometry)
        .set(names.alpha, factor, 1, wide ? (const void *)&one : &one_single)
        .set(names.beta, factor, 1, wide ? (const void *)&zero : &zero_single);
    for (const int64_t which : {X, W, Y}) operation.set(names.operands[which], tensors[which]);
    operation.finalize();
    // Versions before 9.8 need the handle to know the device.
    THCUDNNDescriptor graph(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operation)
        .set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle)
        .finalize();
    return graph;
}

// x, w, y: row-major, of the problem's shapes.
THStatus run(const char *op, Problem p, Direction direction, const THTensor *x, const THTensor *w, const THTensor *y)
{
    p.direction = direction;
    const THTensor *const tensors[] = {x, w, y};
    const THCUDNNRules rules = {(THDtype)p.dtype, thcudnn_option(THCUDNN_DETERMINISTIC), thcudnn_option(THCUDNN_ALLOW_TF32)};
    THCUDNNRun work{op, {}, rules, {}, {}};
    for (const int64_t which : {X, W, Y}) {
        char *const data = THTensor_dataBytes(tensors[which]);
        const int64_t address = (int64_t)reinterpret_cast<uintptr_t>(data);
        p.alignment[which] = std::min(ALIGNMENT_MOST, address & -address);
        work.operands[which] = {which, data};
    }
    work.problem.assign(reinterpret_cast<const char *>(&p), sizeof p);
    work.graph = [&p](cudnnHandle_t handle) { return graphOf(p, handle); };
    return thcudnn_run(work);
}

// --- shapes -----------------------------------------------------------------------------------------------------------------

bool within(int64_t value, int64_t least)
{
    return value >= least && value <= INT32_MAX;
}

// One spatial dimension; false if there is no such window.
bool setAxis(Problem *p, int64_t axis, int64_t size, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation,
             const int64_t *adjust)
{
    if (!within(size, 1) || !within(kernel, 1) || !within(stride, 1) || !within(pad, 0) || !within(dilation, 1)) return false;
    const int64_t extent = (kernel - 1) * dilation + 1, room = size + 2 * pad - extent;
    p->stride[axis] = stride;
    p->pad[axis] = pad;
    p->dilation[axis] = dilation;
    p->sizes[W][2 + axis] = kernel;
    p->sizes[X][2 + axis] = adjust == nullptr ? size : (size - 1) * stride - 2 * pad + extent + *adjust;
    p->sizes[Y][2 + axis] = adjust == nullptr ? room / stride + 1 : size;
    const bool whole = adjust == nullptr ? room >= 0 : within(*adjust, 0) && *adjust < stride;
    return whole && within(p->sizes[X][2 + axis], 1);
}

// The problem of a Convolution, or of a FullConvolution, where `adjust` is given. False for what is left to THCUNN.
bool describe(Problem *p, const THTensor *input, const THTensor *weight, const THNNGeometry *geometry, const int64_t *adjust)
{
    const bool full = adjust != nullptr;
    const int dims = weight->ndim - 2, first = dims == 1; // where the spatial dimensions begin
    if (dims < 1 || dims > THNN_SPATIAL_MAX || input->ndim != weight->ndim || input->numel == 0 || weight->numel == 0)
        return false;
    if (!THDtype_isFloating((THDtype)input->dtype) || weight->dtype != input->dtype) return false;
    if (THTensor_device(input) != THTensor_device(weight)) return false;
    const int64_t groups = geometry->groups;
    if (!within(groups, 1) || weight->size[0] % groups != 0 || !within(weight->size[1], 1)) return false;
    const int64_t of_x = weight->size[1] * groups, of_y = weight->size[0];
    if (input->size[1] != (full ? of_y : of_x)) return false;
    *p = Problem{};
    p->dtype = input->dtype;
    p->dims = dims + first;
    const int64_t heads[3][2] = {{input->size[0], of_x}, {of_y, weight->size[1]}, {input->size[0], of_y}};
    for (int which = 0; which < 3; which++) std::copy_n(heads[which], 2, p->sizes[which]);
    const int64_t none = 0;
    if (first == 1) setAxis(p, 0, 1, 1, 1, 0, 1, full ? &none : nullptr);
    for (int d = 0; d < dims; d++)
        if (!setAxis(p, first + d, input->size[2 + d], weight->size[2 + d], geometry->stride[d], geometry->pad[d],
                     geometry->dilation[d], full ? &adjust[d] : nullptr))
            return false;
    return true;
}

// The shape of an operand as the caller sees it, in weight->ndim numbers.
struct Shape {
    int64_t size[MOST];
    Shape(const Problem &p, int64_t which, int ndim)
    {
        std::copy_n(p.sizes[which], 2, size);
        std::copy_n(p.sizes[which] + 2 + p.dims - (ndim - 2), ndim - 2, size + 2);
    }
    bool of(const THTensor *tensor, int ndim, const THTensor *like) const
    {
        return tensor->ndim == ndim && std::equal(size, size + ndim, tensor->size) && tensor->dtype == like->dtype &&
               THTensor_device(tensor) == THTensor_device(like);
    }
};

// --- passes -----------------------------------------------------------------------------------------------------------------

// y += bias along the channels.
THStatus addBias(THTensor *y, const THTensor *bias)
{
    const int64_t column[MOST] = {1, y->size[1], 1, 1, 1};
    const THCOwned spread(THTensor_newView(bias, y->ndim, column));
    if (!spread) return THStatus_last();
    return THCTensor_cadd(y, y, spread.get(), THScalar_fromLong(1));
}

THStatus updateOutput(const char *op, const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias,
                      const THNNGeometry *geometry, const int64_t *adjust)
{
    Problem p;
    const int ndim = weight->ndim;
    if (!describe(&p, input, weight, geometry, adjust)) return TH_ERR_UNSUPPORTED;
    const Shape shape(p, adjust == nullptr ? Y : X, ndim);
    const bool biased = bias != nullptr;
    if (biased && (bias->ndim != 1 || bias->size[0] != shape.size[1] || bias->dtype != input->dtype)) return TH_ERR_UNSUPPORTED;
    if (thcudnn_library(op) == nullptr) return TH_ERR_UNSUPPORTED;
    const THCGuard guard(input);
    const THCDense x(input), w(weight), b(bias);
    if (x.failed() || w.failed() || b.failed()) return THStatus_last();
    THCResult y;
    TH_TRY(y.open(op, output, (THDtype)p.dtype, ndim, shape.size, {input, weight, bias}));
    TH_TRY(adjust == nullptr ? run(op, p, FORWARD, x.get(), w.get(), y.get())
                             : run(op, p, GRAD_INPUT, y.get(), w.get(), x.get()));
    if (biased) TH_TRY(addBias(y.get(), b.get()));
    return y.close();
}

THStatus updateGradInput(const char *op, const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                         const THTensor *weight, const THNNGeometry *geometry, const int64_t *adjust)
{
    Problem p;
    const int ndim = weight->ndim;
    if (!describe(&p, input, weight, geometry, adjust)) return TH_ERR_UNSUPPORTED;
    if (!Shape(p, adjust == nullptr ? Y : X, ndim).of(gradOutput, ndim, input)) return TH_ERR_UNSUPPORTED;
    if (thcudnn_library(op) == nullptr) return TH_ERR_UNSUPPORTED;
    const THCGuard guard(input);
    const THCDense gy(gradOutput), w(weight);
    if (gy.failed() || w.failed()) return THStatus_last();
    THCResult gx;
    TH_TRY(gx.open(op, gradInput, (THDtype)p.dtype, ndim, input->size, {gradOutput, weight}));
    TH_TRY(adjust == nullptr ? run(op, p, GRAD_INPUT, gx.get(), w.get(), gy.get())
                             : run(op, p, FORWARD, gy.get(), w.get(), gx.get()));
    return gx.close();
}

THStatus accGradParameters(const char *op, const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                           const THTensor *gradBias, const THNNGeometry *geometry, const int64_t *adjust, double scale)
{
    Problem p;
    const int ndim = gradWeight->ndim;
    if (gradBias != nullptr || !describe(&p, input, gradWeight, geometry, adjust)) return TH_ERR_UNSUPPORTED;
    if (!Shape(p, adjust == nullptr ? Y : X, ndim).of(gradOutput, ndim, input)) return TH_ERR_UNSUPPORTED;
    if (thcudnn_library(op) == nullptr) return TH_ERR_UNSUPPORTED;
    const THCGuard guard(input);
    const THCDense x(input), gy(gradOutput);
    const THCOwned gw(THCTensor_newWithSize(THTensor_device(input), (THDtype)p.dtype, ndim, gradWeight->size));
    if (x.failed() || gy.failed() || !gw) return THStatus_last();
    TH_TRY(adjust == nullptr ? run(op, p, GRAD_WEIGHT, x.get(), gw.get(), gy.get())
                             : run(op, p, GRAD_WEIGHT, gy.get(), gw.get(), x.get()));
    return THCTensor_cadd(gradWeight, gradWeight, gw.get(), THScalar_fromDouble(scale));
}

} // namespace

THStatus THCUDNN_Convolution_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias,
                                          const THNNGeometry *geometry)
{
    TH_GIVEN("Convolution", input, output, weight, geometry);
    return updateOutput("Convolution", input, output, weight, bias, geometry, nullptr);
}

THStatus THCUDNN_Convolution_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                             const THTensor *weight, const THNNGeometry *geometry)
{
    TH_GIVEN("Convolution", input, gradOutput, gradInput, weight, geometry);
    return updateGradInput("Convolution", input, gradOutput, gradInput, weight, geometry, nullptr);
}

THStatus THCUDNN_Convolution_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                               THTensor *gradBias, const THNNGeometry *geometry, double scale)
{
    TH_GIVEN("Convolution", input, gradOutput, gradWeight, geometry);
    return accGradParameters("Convolution", input, gradOutput, gradWeight, gradBias, geometry, nullptr, scale);
}

THStatus THCUDNN_FullConvolution_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                              const THTensor *bias, const THNNGeometry *geometry, const int64_t *adjust)
{
    TH_GIVEN("FullConvolution", input, output, weight, geometry, adjust);
    return updateOutput("FullConvolution", input, output, weight, bias, geometry, adjust);
}

THStatus THCUDNN_FullConvolution_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                 const THTensor *weight, const THNNGeometry *geometry, const int64_t *adjust)
{
    TH_GIVEN("FullConvolution", input, gradOutput, gradInput, weight, geometry, adjust);
    return updateGradInput("FullConvolution", input, gradOutput, gradInput, weight, geometry, adjust);
}

THStatus THCUDNN_FullConvolution_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                                   THTensor *gradBias, const THNNGeometry *geometry, const int64_t *adjust,
                                                   double scale)
{
    TH_GIVEN("FullConvolution", input, gradOutput, gradWeight, geometry, adjust);
    return accGradParameters("FullConvolution", input, gradOutput, gradWeight, gradBias, geometry, adjust, scale);
}
