#include "TH/THStatus.h"
#include "TH/THArgument.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/THLocal.h"

static THStatusHandler handler;
static void *handler_context;

THStatus THStatus_fail(THStatus code, const char *format, ...)
{
    TH_GIVEN("fail", format);
    th_local.last = code;
    if (th_local.message == NULL) {
        if (!th_local.registered) thLocal_register();
        th_local.message = malloc(TH_MESSAGE_BYTES);
        if (th_local.message == NULL) return code;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(th_local.message, TH_MESSAGE_BYTES, format, arguments);
    va_end(arguments);
    if (handler != NULL) handler(code, th_local.message, handler_context);
    return code;
}

const char *THStatus_message(void)
{
    if (th_local.message != NULL) return th_local.message;
    return th_local.last == TH_OK ? "" : "out of memory: there was no room for the message of a failure";
}

THStatus THStatus_last(void)
{
    return th_local.last;
}

void THStatus_clear(void)
{
    th_local.last = TH_OK;
}

void THStatus_setHandler(THStatusHandler new_handler, void *context)
{
    handler = new_handler;
    handler_context = context;
}
