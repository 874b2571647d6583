#include "TH/THScalar.h"
#include "TH/THArgument.h"

#include <math.h>
#include <string.h>

#include "core/THConvert.h"
#include "core/THHalf.h"

static const int64_t th_integer_min[THDtype_Count] = {
    [THDtype_Byte] = 0,        [THDtype_Char] = INT8_MIN,  [THDtype_Short] = INT16_MIN,
    [THDtype_Int] = INT32_MIN, [THDtype_Long] = INT64_MIN,
};
static const int64_t th_integer_max[THDtype_Count] = {
    [THDtype_Byte] = UINT8_MAX, [THDtype_Char] = INT8_MAX,  [THDtype_Short] = INT16_MAX,
    [THDtype_Int] = INT32_MAX,  [THDtype_Long] = INT64_MAX,
};

int64_t THScalar_toLong(THScalar s)
{
    if (!s.is_float) return s.value.i;
    return s.value.d >= -0x1p63 && s.value.d < 0x1p63 ? (int64_t)s.value.d : 0;
}

THStatus THScalar_check(THScalar s, THDtype dtype, const char *op, const char *argument)
{
    TH_GIVEN("check", op, argument);
    if (THDtype_isFloating(dtype)) return TH_OK;
    TH_FAIL_IF((unsigned)dtype >= (unsigned)THDtype_Count, TH_ERR_DTYPE, "[%s] %s: the tensor has no dtype yet", op, argument);
    TH_FAIL_IF(s.is_float, TH_ERR_DTYPE,
               "[%s] %s, %.17g: a float cannot be used with a tensor of dtype %s without losing its fraction; "
               "convert the tensor or pass an integer",
               op, argument, s.value.d, THDtype_name(dtype));
    TH_FAIL_IF(s.value.i < th_integer_min[dtype] || s.value.i > th_integer_max[dtype], TH_ERR_VALUE,
               "[%s] %s, %lld: must be in the range of %s, %lld to %lld", op, argument, (long long)s.value.i,
               THDtype_name(dtype), (long long)th_integer_min[dtype], (long long)th_integer_max[dtype]);
    return TH_OK;
}

void THScalar_store(THScalar s, THDtype dtype, void *element)
{
    TH_GIVEN_OR(, "store", element);
    const double d = THScalar_toDouble(s);
    const int64_t i = s.is_float ? thConvert_doubleToLong(s.value.d) : s.value.i;
    switch (dtype) {
    case THDtype_Byte:
        *(uint8_t *)element = (uint8_t)i;
        break;
    case THDtype_Char:
        *(int8_t *)element = (int8_t)i;
        break;
    case THDtype_Short:
        *(int16_t *)element = (int16_t)i;
        break;
    case THDtype_Int:
        *(int32_t *)element = (int32_t)i;
        break;
    case THDtype_Long:
        *(int64_t *)element = i;
        break;
    case THDtype_Half:
        *(uint16_t *)element = thHalf_fromDouble(d);
        break;
    case THDtype_Float:
        *(float *)element = s.is_float ? (float)d : (float)s.value.i;
        break;
    case THDtype_Double:
        *(double *)element = d;
        break;
    default:
        break;
    }
}

THScalar THScalar_load(THDtype dtype, const void *element)
{
    TH_GIVEN_OR(THScalar_fromLong(0), "load", element);
    switch (dtype) {
    case THDtype_Byte:
        return THScalar_fromLong(*(const uint8_t *)element);
    case THDtype_Char:
        return THScalar_fromLong(*(const int8_t *)element);
    case THDtype_Short:
        return THScalar_fromLong(*(const int16_t *)element);
    case THDtype_Int:
        return THScalar_fromLong(*(const int32_t *)element);
    case THDtype_Long:
        return THScalar_fromLong(*(const int64_t *)element);
    case THDtype_Half:
        return THScalar_fromDouble((double)thHalf_toFloat(*(const uint16_t *)element));
    case THDtype_Float:
        return THScalar_fromDouble((double)*(const float *)element);
    case THDtype_Double:
        return THScalar_fromDouble(*(const double *)element);
    default:
        return THScalar_fromLong(0);
    }
}
