#include "ops/THNNSparseLinear.h"

#include <stdlib.h>

#include "ops/THNNHold.h"

#define OP "SparseLinear"

typedef struct Element {
    int64_t sample; /* from 0 */
    int64_t feature;
    double value;
} Element;

typedef struct Elements {
    THNNHold hold;
    const THTensor *input; /* contiguous */
    int64_t count;
    bool legacy;
} Elements;

static THStatus openElements(Elements *elements, const THTensor *input)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    const bool legacy = input->ndim == 3;
    TH_FAIL_IF(!(legacy && input->size[2] == 2) && !(input->ndim == 2 && input->size[1] == 3), TH_ERR_SHAPE,
               "[" OP "] input has %d dimensions, the last of size %lld; expected elements x 3, or N x elements x 2",
               input->ndim, input->ndim ? (long long)input->size[input->ndim - 1] : 0LL);
    *elements = (Elements){.legacy = legacy, .count = legacy ? input->size[0] * input->size[1] : input->size[0]};
    elements->input = THNNHold_keep(&elements->hold, THTensor_newContiguous((THTensor *)input));
    return elements->hold.status;
}

static double numberAt(const THTensor *tensor, int64_t index)
{
    const THDtype dtype = (THDtype)tensor->dtype;
    return THScalar_toDouble(THScalar_load(dtype, THTensor_dataBytes(tensor) + index * (int64_t)THDtype_size(dtype)));
}

static Element elementAt(const Elements *elements, int64_t k)
{
    const THTensor *input = elements->input;
    if (elements->legacy) return (Element){k / input->size[1], (int64_t)numberAt(input, 2 * k) - 1, numberAt(input, 2 * k + 1)};
    return (Element){(int64_t)numberAt(input, 3 * k) - 1, (int64_t)numberAt(input, 3 * k + 1) - 1, numberAt(input, 3 * k + 2)};
}

/* target += scale * source, for one row or column each. */
static THStatus addPart(THTensor *target, int target_dim, int64_t target_index, const THTensor *source, int source_dim,
                        int64_t source_index, double scale)
{
    THNNHold hold = {.status = TH_OK};
    THTensor *to = THNNHold_keep(&hold, THTensor_newSelect(target, target_dim, target_index));
    const THTensor *from = to == NULL ? NULL : THNNHold_keep(&hold, THTensor_newSelect(source, source_dim, source_index));
    if (from != NULL) THNNHold_note(&hold, THTensor_cadd(to, to, from, THScalar_fromDouble(scale)));
    return THNNHold_release(&hold);
}

static THStatus checkWeight(const THTensor *input, const THTensor *weight)
{
    TH_TRY(THNN_checkDtype(OP, "weight", weight, (THDtype)input->dtype));
    TH_FAIL_IF(weight->ndim != 2, TH_ERR_SHAPE, "[" OP "] weight has %d dimensions, expected 2 (out x in)", weight->ndim);
    return TH_OK;
}

static THStatus checkSample(const Element *element, int64_t samples)
{
    TH_FAIL_IF(element->sample < 0 || element->sample >= samples, TH_ERR_INDEX,
               "[" OP "] input names sample %lld, expected 1 to %lld", (long long)element->sample + 1, (long long)samples);
    return TH_OK;
}

static bool counts(const Element *element, const THTensor *weight)
{
    return element->value != 0 && element->feature >= 0 && element->feature < weight->size[1];
}

static THStatus addAll(const Elements *elements, THTensor *output, const THTensor *weight)
{
    for (int64_t k = 0; k < elements->count; k++) {
        const Element element = elementAt(elements, k);
        TH_TRY(checkSample(&element, output->size[0]));
        if (counts(&element, weight)) TH_TRY(addPart(output, 0, element.sample, weight, 1, element.feature, element.value));
    }
    return TH_OK;
}

THStatus THNNSparseLinear_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias)
{
    Elements elements;
    TH_TRY(checkWeight(input, weight));
    TH_TRY(THNN_checkShape(OP, "bias", bias, 1, weight->size));
    TH_TRY(openElements(&elements, input));
    const bool shaped = output->ndim == 2 && output->dtype == input->dtype;
    const int64_t shape[2] = {elements.legacy ? input->size[0] : shaped ? output->size[0] : 0, weight->size[0]};
    THStatus status = TH_OK;
    if (!elements.legacy && !shaped)
        status = THStatus_fail(TH_ERR_SHAPE, "[" OP "] output is not a matrix yet: its rows are the samples of the input");
    if (status == TH_OK) status = THTensor_output(output, OP, (THDtype)input->dtype, 2, shape);
    if (status == TH_OK) status = THTensor_zero(output);
    if (status == TH_OK) status = addAll(&elements, output, weight);
    if (status == TH_OK) status = THTensor_cadd(output, output, bias, THScalar_fromLong(1));
    THNNHold_release(&elements.hold);
    return status;
}

THStatus THNNSparseLinear_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                            THTensor *gradBias, const THTensor *weight, double decay, double scale)
{
    Elements elements;
    TH_TRY(checkWeight(input, gradWeight));
    TH_TRY(THNN_checkShape(OP, "gradBias", gradBias, 1, gradWeight->size));
    TH_FAIL_IF(gradOutput->ndim != 2 || gradOutput->size[1] != gradWeight->size[0], TH_ERR_SHAPE,
               "[" OP "] gradOutput has %d dimensions, expected N x %lld", gradOutput->ndim, (long long)gradWeight->size[0]);
    TH_TRY(openElements(&elements, input));
    THStatus status = TH_OK;
    for (int64_t k = 0; k < elements.count && status == TH_OK; k++) {
        const Element element = elementAt(&elements, k);
        status = checkSample(&element, gradOutput->size[0]);
        if (status == TH_OK && counts(&element, gradWeight))
            status = addPart(gradWeight, 1, element.feature, gradOutput, 0, element.sample, scale * element.value);
    }
    THTensor *sums = THNNHold_fresh(&elements.hold);
    if (status == TH_OK && sums == NULL) status = THStatus_last();
    if (status == TH_OK) status = THTensor_sum(sums, gradOutput, 0, 0);
    if (status == TH_OK) status = THTensor_cadd(gradBias, gradBias, sums, THScalar_fromDouble(scale));
    if (status == TH_OK && decay != 0) status = THTensor_cadd(gradWeight, gradWeight, weight, THScalar_fromDouble(decay));
    THNNHold_release(&elements.hold);
    return status;
}

/* Calls `act` once for each column of `weight` that the input uses. */
static THStatus forColumns(const THTensor *input, THTensor *weight, THStatus (*act)(THTensor *, int64_t, void *), void *context)
{
    Elements elements;
    TH_TRY(checkWeight(input, weight));
    TH_TRY(openElements(&elements, input));
    char *used = calloc((size_t)THNN_max(weight->size[1], 1), 1);
    THStatus status = used == NULL ? THStatus_fail(TH_ERR_MEMORY, "[" OP "] out of memory: columns of the weight") : TH_OK;
    for (int64_t k = 0; k < elements.count && status == TH_OK; k++) {
        const Element element = elementAt(&elements, k);
        if (!counts(&element, weight) || used[element.feature]) continue;
        used[element.feature] = 1;
        status = act(weight, element.feature, context);
    }
    free(used);
    THNNHold_release(&elements.hold);
    return status;
}

static THStatus zeroColumn(THTensor *weight, int64_t column, void *context)
{
    (void)context;
    THTensor *view = THTensor_newSelect(weight, 1, column);
    if (view == NULL) return THStatus_last();
    const THStatus status = THTensor_zero(view);
    THTensor_free(view);
    return status;
}

THStatus THNNSparseLinear_zeroGradParameters(THTensor *gradWeight, THTensor *gradBias, const THTensor *input)
{
    TH_TRY(forColumns(input, gradWeight, zeroColumn, NULL));
    return THTensor_zero(gradBias);
}

typedef struct Update {
    const THTensor *gradWeight;
    double rate;
} Update;

static THStatus updateColumn(THTensor *weight, int64_t column, void *context)
{
    const Update *update = context;
    return addPart(weight, 1, column, update->gradWeight, 1, column, -update->rate);
}

THStatus THNNSparseLinear_updateParameters(THTensor *weight, THTensor *bias, const THTensor *gradWeight,
                                           const THTensor *gradBias, const THTensor *input, double rate)
{
    Update update = {gradWeight, rate};
    TH_TRY(THNN_checkShape(OP, "gradWeight", gradWeight, weight->ndim, weight->size));
    TH_TRY(forColumns(input, weight, updateColumn, &update));
    return THTensor_cadd(bias, bias, gradBias, THScalar_fromDouble(-rate));
}
