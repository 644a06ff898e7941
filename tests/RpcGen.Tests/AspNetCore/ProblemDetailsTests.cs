using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.AspNetCore;

/// <summary>Responses for failed calls.</summary>
public sealed class ProblemDetailsTests
{
    private static readonly DoorOrder Order = new("Ada", [new DoorLine("book", 1)]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Violations_have_the_paths_of_the_body()
    {
        await using DoorApplication application = await StartAsync();

        Response response = await PostAsync(application, Order with { Customer = "", Lines = [new("book", 1), new("pen", 0)] }, copies: 5);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (response.Status, response.ContentType));
        Assert.Equal(["copies", "customer", "lines[1].quantity"], Names(response.Body.GetProperty("errors")));
        Assert.NotEqual("", response.Body.GetProperty("callId").GetString());
        Assert.Empty(application.Broker.Calls);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Paths_and_validation_can_be_mapped_otherwise()
    {
        await using DoorApplication application = await StartAsync(options => options.MapPath = path => path == "copies" ? "copies" : "body");
        Response response = await PostAsync(application, Order with { Customer = "", Lines = [new("pen", 0)] }, copies: 5);
        Assert.Equal(["body", "copies"], Names(response.Body.GetProperty("errors")));
        Assert.Equal(2, response.Body.GetProperty("errors").GetProperty("body").GetArrayLength());

        await using DoorApplication own = await StartAsync(options => options.MapValidation = false);
        Response failed = await PostAsync(own, Order, copies: 5);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.Status);
        Assert.DoesNotContain("copies", failed.Text, StringComparison.Ordinal);
    }

    [Theory(Timeout = Bounds.TestTimeout)]
    [InlineData("late", 409, "sold-out", "None left.")]
    [InlineData("lost", 410, "moved", "Moved away.")]
    public async Task Declared_faults_have_their_message_code_and_status(string customer, int status, string code, string detail)
    {
        await using DoorApplication application = await StartAsync(options => options.FaultStatusCodes["sold-out"] = 409);

        Response response = await PostAsync(application, Order with { Customer = customer });

        Assert.Equal(0, application.Log.Count(120));
        Assert.Equal((status, code, detail), ((int)response.Status, response.Body.GetProperty("code").GetString(), response.Body.GetProperty("detail").GetString()));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_declared_fault_is_422_unless_told_otherwise()
    {
        await using DoorApplication application = await StartAsync();
        Assert.Equal(HttpStatusCode.UnprocessableContent, (await PostAsync(application, Order with { Customer = "late" })).Status);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task An_overloaded_service_says_when_to_try_again_and_no_internal_data_is_shown()
    {
        await using DoorApplication application = await StartAsync();
        using IDisposable failing = application.Broker.Fail<IDoor>("Order", new RpcUnavailableException("The servers of queue 'secret' are overloaded.", "secret") { RetryAfter = TimeSpan.FromMilliseconds(1200), CallId = "7" });

        Response response = await PostAsync(application, Order);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "2"), (response.Status, response.RetryAfter));
        Assert.Equal("7", response.Body.GetProperty("callId").GetString());
        Assert.DoesNotContain("secret", response.Text, StringComparison.Ordinal);
    }

    [Theory(Timeout = Bounds.TestTimeout)]
    [InlineData(true, null, 401, "Bearer")]
    [InlineData(true, "Negotiate", 401, "Negotiate")]
    [InlineData(false, null, 403, "")]
    public async Task A_caller_that_is_not_known_is_told_how_to_say_who_it_is(bool isUnauthenticated, string? challenge, int status, string header)
    {
        await using DoorApplication application = await StartAsync(options => options.Challenge = challenge ?? options.Challenge);
        using IDisposable failing = application.Broker.Fail<IDoor>("Order", new RpcAccessDeniedException("Not you.") { IsUnauthenticated = isUnauthenticated });

        using HttpResponseMessage response = await application.Client.PostAsJsonAsync("/orders", Order, Cancel);

        Assert.Equal((status, header), ((int)response.StatusCode, response.Headers.WwwAuthenticate.ToString()));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_failed_handler_is_a_bad_gateway_without_details()
    {
        await using DoorApplication application = await StartAsync();

        Response response = await PostAsync(application, Order with { Customer = "broken" });

        Assert.Equal(HttpStatusCode.BadGateway, response.Status);
        Assert.DoesNotContain("secret", response.Text, StringComparison.Ordinal);
        Assert.False(response.Body.TryGetProperty("detail", out _));
        Assert.Equal(1, application.Log.Count(120));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Exceptions_of_the_application_stay_its_own()
    {
        await using DoorApplication application = await StartAsync();
        using HttpResponseMessage response = await application.Client.GetAsync("/own", Cancel);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_client_that_takes_no_json_gets_the_status()
    {
        await using DoorApplication application = await StartAsync();
        application.Client.DefaultRequestHeaders.Accept.ParseAdd("image/png");

        using HttpResponseMessage response = await application.Client.PostAsJsonAsync("/orders", Order with { Customer = "lost" }, Cancel);

        Assert.Equal((HttpStatusCode.Gone, ""), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancel)));
    }

    private static Task<DoorApplication> StartAsync(Action<RpcProblemDetailsOptions>? configure = null) => DoorApplication.StartAsync(services =>
    {
        services.AddRpcGenProblemDetails(configure);
        services.AddRpcGen("amqp://localhost").AddClient<IDoor>().AddService<IDoor, Door>().AddAspNetCoreAuthorization();
    });

    private static async Task<Response> PostAsync(DoorApplication application, DoorOrder order, int copies = 1)
    {
        using HttpResponseMessage response = await application.Client.PostAsJsonAsync($"/orders?copies={copies}", order, Cancel);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        return new Response(response.StatusCode, response.Content.Headers.ContentType?.MediaType, response.Headers.RetryAfter?.ToString(), text, JsonElement.Parse(text));
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal);

    private sealed record Response(HttpStatusCode Status, string? ContentType, string? RetryAfter, string Text, JsonElement Body);
}
