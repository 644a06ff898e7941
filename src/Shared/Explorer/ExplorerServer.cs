using Microsoft.AspNetCore.Http;

namespace RpcGen.Explorer;

/// <summary>Answers the requests of the explorer: files of the page, and its API. Thread-safe.</summary>
internal sealed class ExplorerServer(ExplorerSettings settings)
{
    private const string Api = "api/";

    private readonly ExplorerGate _gate = new(settings.Token);

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="path">Its path below that of the explorer, without a slash at the start; null for the explorer's own path without a slash at the end.</param>
    /// <param name="isAuthorized">Whether the application has authorized it.</param>
    /// <param name="connect">Gets the connection to the broker.</param>
    public async Task HandleAsync(HttpContext context, string? path, bool isAuthorized, Func<RpcConnection> connect)
    {
        ExplorerPage.SetHeaders(context.Response.Headers);
        bool isApi = path?.StartsWith(Api, StringComparison.Ordinal) ?? false;
        if (_gate.FindRefusal(context.Request, isApi, isAuthorized) is { } refusal)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(refusal, context.RequestAborted).ConfigureAwait(false);
            return;
        }

        await (path is null ? RedirectAsync(context)
            : isApi ? HandleApiAsync(context, path[Api.Length..], connect)
            : SendFileAsync(context, path.Length == 0 ? ExplorerPage.Start : path)).ConfigureAwait(false);
    }

    /// <summary>The files of the page refer to each other by relative addresses.</summary>
    private static Task RedirectAsync(HttpContext context)
    {
        context.Response.Redirect($"{context.Request.PathBase}{context.Request.Path}/");
        return Task.CompletedTask;
    }

    private async Task HandleApiAsync(HttpContext context, string name, Func<RpcConnection> connect)
    {
        string queue = context.Request.Query["queue"].ToString();
        Task? answer = (context.Request.Method, name) switch
        {
            ("GET", "services") => new ServiceListing(connect(), settings).WriteAsync(context),
            ("GET", "description") when settings.Shows(queue) => ServiceListing.WriteDescriptionAsync(context, connect(), queue),
            ("GET", "figures") when settings.Shows(queue) => LiveFigures.WriteAsync(context, connect(), queue),
            ("POST", "call") when !settings.IsReadOnly => new ExplorerCall(connect(), settings).RunAsync(context),
            _ => null,
        };
        if (answer is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        try
        {
            await answer.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The page has gone, or the user has cancelled. Nobody reads an answer.
        }
    }

    private static async Task SendFileAsync(HttpContext context, string name)
    {
        Stream? file = HttpMethods.IsGet(context.Request.Method) ? ExplorerPage.Open(name) : null;
        if (file is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await using (file.ConfigureAwait(false))
        {
            context.Response.ContentType = ExplorerPage.ContentTypeOf(name);
            context.Response.ContentLength = file.Length;
            await file.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
        }
    }
}
