using System.Net;
using System.Text.Json;

namespace RpcGen.Tests.AspNetCore;

/// <summary>What the explorer tells its page, and how it calls.</summary>
public sealed class ExplorerApiTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Services_and_descriptions()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync();

        JsonElement services = Assert.Single(await app.SendAsync(HttpMethod.Get, "/rpcgen/api/services"));
        JsonElement service = services.GetProperty("services")[0];
        Assert.Equal(("Gallery", "RpcGen.Tests.AspNetCore.IGallery", 1, false), (service.GetProperty("queue").GetString(), service.GetProperty("contract").GetString(), service.GetProperty("instances").GetArrayLength(), services.GetProperty("readOnly").GetBoolean()));
        JsonElement description = Assert.Single(await app.SendAsync(HttpMethod.Get, "/rpcgen/api/description?queue=Gallery")).GetProperty("description");
        Assert.Equal("Echo", description.GetProperty("methods")[0].GetProperty("name").GetString());
        JsonElement nothing = Assert.Single(await app.SendAsync(HttpMethod.Get, "/rpcgen/api/description?queue=none"));
        Assert.Equal("unavailable", nothing.GetProperty("failure").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Results_keep_their_digits_and_calls_tell_how_long_they_took()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync();

        JsonElement[] events = await app.CallAsync("Echo", """{"number":18446744073709551615}""");

        Assert.Equal(["result", "done"], Names(events));
        Assert.Equal("18446744073709551615", events[0].GetProperty("result").GetString());
        Assert.True(events[1].GetProperty("done").GetDouble() >= 0);
    }

    [Fact]
    public async Task Failures_say_what_is_wrong_and_where()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync();

        JsonElement invalid = (await app.CallAsync("Echo", """{"number":1,"copies":300}"""))[0].GetProperty("failure");
        JsonElement declared = (await app.CallAsync("Refuse"))[0].GetProperty("failure");
        JsonElement unknown = (await app.CallAsync("Nope"))[0].GetProperty("failure");
        JsonElement unreadable = (await app.CallAsync("Echo", "[]"))[0].GetProperty("failure");

        Assert.Equal(("validation", "The field copies must be between 1 and 9."), (invalid.GetProperty("code").GetString(), invalid.GetProperty("errors").GetProperty("copies").GetString()));
        Assert.Equal(("sold-out", "None left.", "{}"), (declared.GetProperty("code").GetString(), declared.GetProperty("message").GetString(), declared.GetProperty("data").GetString()));
        Assert.Equal(("invalid", "invalid"), (unknown.GetProperty("code").GetString(), unreadable.GetProperty("code").GetString()));
        using HttpRequestMessage broken = ExplorerApplication.Request(HttpMethod.Post, "/rpcgen/api/call", "{");
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Client.SendAsync(broken, Cancel)).StatusCode);
    }

    [Fact]
    public async Task Streams_progress_and_bytes()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync();

        JsonElement[] items = await app.CallAsync("Count", """{"to":3}""");
        JsonElement[] sum = await app.CallAsync("Sum", streams: """{"numbers":[1,2,39]}""");
        JsonElement[] bytes = await app.CallAsync("Reverse", streams: """{"content":"AQID"}""");
        JsonElement[] note = await app.CallAsync("Note", """{"text":"hello"}""");
        JsonElement[] shout = await app.CallAsync("Shout", """{"text":"hello"}""");

        Assert.Equal(["0", "1", "2"], items[..^1].Select(item => item.GetProperty("item").GetString()));
        Assert.Equal(["progress", "result", "done"], Names(sum));
        Assert.Equal(("progress", "42", "42"), (sum[0].GetProperty("progress").GetString(), sum[0].GetProperty("value").GetString(), sum[1].GetProperty("result").GetString()));
        Assert.Equal([3, 2, 1], bytes[0].GetProperty("bytes").GetBytesFromBase64());
        Assert.Equal(["done"], Names(note));
        Assert.Equal(["failure", "done"], Names(shout)); // a broadcast
    }

    [Fact]
    public async Task Metadata_goes_with_the_call()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync();

        await app.SendAsync(HttpMethod.Post, "/rpcgen/api/call", """{"queue":"Gallery","method":"Note","arguments":{"text":"for "},"streams":{},"metadata":{"tenant":"acme"}}""");
        JsonElement[] reserved = await app.SendAsync(HttpMethod.Post, "/rpcgen/api/call", """{"queue":"Gallery","method":"Note","arguments":{"text":"x"},"streams":{},"metadata":{"traceparent":"x"}}""");

        Assert.Equal("for acme", await app.Gallery.Noted.WaitAsync(Cancel));
        Assert.Equal("invalid", reserved[0].GetProperty("failure").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_page_that_leaves_ends_the_stream()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync();
        using HttpRequestMessage request = ExplorerApplication.Request(HttpMethod.Post, "/rpcgen/api/call", """{"queue":"Gallery","method":"Count","arguments":{"to":-1},"streams":{}}""");

        using (HttpResponseMessage response = await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
            Assert.Equal("""{"item":"0"}""", await reader.ReadLineAsync(Cancel)); // although the second item does not come
        }

        await app.Gallery.Left.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Figures_come_until_the_page_leaves()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync();
        await app.CallAsync("Echo", """{"number":1}""");

        using HttpRequestMessage request = ExplorerApplication.Request(HttpMethod.Get, "/rpcgen/api/figures?queue=Gallery");
        using HttpResponseMessage response = await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
        JsonElement figures = JsonElement.Parse((await reader.ReadLineAsync(Cancel))!).GetProperty("figures");

        Assert.Equal((1, 1), (figures.GetProperty("instances").GetInt32(), figures.GetProperty("methods")[0].GetProperty("answered").GetInt32()));
    }

    [Fact]
    public async Task A_read_only_explorer_calls_nothing()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync(options => options.ReadOnly = true);

        using HttpRequestMessage call = ExplorerApplication.Request(HttpMethod.Post, "/rpcgen/api/call", """{"queue":"Gallery","method":"Note","arguments":{"text":"x"},"streams":{}}""");

        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.SendAsync(call, Cancel)).StatusCode);
        Assert.True(Assert.Single(await app.SendAsync(HttpMethod.Get, "/rpcgen/api/services")).GetProperty("readOnly").GetBoolean());
        Assert.False(app.Gallery.Noted.IsCompleted);
    }

    [Fact]
    public async Task Other_queues_than_the_chosen_ones_are_not_shown()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync(options => options.Queues.Add("Other"));

        Assert.Equal(0, Assert.Single(await app.SendAsync(HttpMethod.Get, "/rpcgen/api/services")).GetProperty("services").GetArrayLength());
        foreach (HttpRequestMessage request in (HttpRequestMessage[])[
            ExplorerApplication.Request(HttpMethod.Get, "/rpcgen/api/description?queue=Gallery"),
            ExplorerApplication.Request(HttpMethod.Get, "/rpcgen/api/figures?queue=Gallery"),
            ExplorerApplication.Request(HttpMethod.Post, "/rpcgen/api/call", """{"queue":"Gallery","method":"Note","arguments":{"text":"x"},"streams":{}}""")])
        {
            using HttpResponseMessage response = await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
            Assert.Contains(response.StatusCode, (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.BadRequest]);
            request.Dispose();
        }

        Assert.False(app.Gallery.Noted.IsCompleted);
    }

    [Fact]
    public async Task Services_that_refuse_to_describe_themselves_cannot_be_called()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync(server: options => options.DescriptionPolicy = "");

        Assert.Equal("access-denied", (await app.CallAsync("Echo", """{"number":1}"""))[0].GetProperty("failure").GetProperty("code").GetString());
    }

    private static string[] Names(JsonElement[] events) => [.. events.Select(one => one.EnumerateObject().First().Name)];
}
