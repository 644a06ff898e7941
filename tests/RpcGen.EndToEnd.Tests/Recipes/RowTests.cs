using System.Data.Common;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Recipes;

/// <summary>Rows of a database, through a service and a web application, to a browser.</summary>
public sealed class RowTests(MemoryBroker broker) : IClassFixture<MemoryBroker>, IAsyncLifetime
{
    /// <summary>Some 10 MB: more than all buffers on the way hold.</summary>
    private const int Rows = 50_000;

    private readonly SqliteConnection _database = new("DataSource=:memory:");
    private readonly RowCounter _read = new();
    private WebApplication _application = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_reach_a_browser_while_the_query_runs()
    {
        using HttpClient browser = _application.GetTestClient();
        await using Stream body = await browser.GetStreamAsync("/orders/Ada", Cancel);
        await using IAsyncEnumerator<Order?> orders = JsonSerializer.DeserializeAsyncEnumerable<Order>(body, JsonSerializerOptions.Web, Cancel).GetAsyncEnumerator(Cancel);

        Assert.True(await orders.MoveNextAsync().AsTask().OrFail());
        Assert.Equal(1, orders.Current!.Number);
        Assert.InRange(_read.Count, 1, Rows / 2);

        int count = 1;
        while (await orders.MoveNextAsync().AsTask().OrFail())
        {
            count++;
        }

        Assert.Equal((Rows, Rows), (count, _read.Count));
    }

    [Fact]
    public async Task A_reader_that_leaves_ends_the_query()
    {
        IOrders orders = _application.Services.GetRequiredService<IOrders>();

        await foreach (Order _ in orders.ListAsync("Ada", Cancel))
        {
            break;
        }

        await _read.Ended.OrFail();
        Assert.InRange(_read.Count, 1, Rows / 2);
    }

    [Fact]
    public async Task All_rows_are_printed()
    {
        using var output = new StringWriter();

        await OrdersClient.PrintAsync(_application.Services.GetRequiredService<IOrders>(), output, Cancel);

        Assert.Equal(Rows, output.ToString().Count(character => character == '\n'));
    }

    public async ValueTask InitializeAsync()
    {
        await _database.OpenAsync(Cancel);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_read);
        builder.Services.AddDbContext<OrdersContext>(options => options.UseSqlite(_database).AddInterceptors(_read));
        builder.Services.AddRpcGen(broker.Url).AddService<IOrders, OrdersService>().AddClient<IOrders>();
        _application = builder.Build();
        OrdersClient.Map(_application);
        using (IServiceScope scope = _application.Services.CreateScope())
        {
            DbContext context = scope.ServiceProvider.GetRequiredService<OrdersContext>();
            await context.Database.EnsureCreatedAsync(Cancel);
            await context.Database.ExecuteSqlAsync(
                $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Rows}) INSERT INTO Orders SELECT i, 'Ada', hex(zeroblob(100)) FROM n", Cancel);
        }

        await _application.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>Counts the rows that were read, and knows when the query has ended.</summary>
    private sealed class RowCounter : DbCommandInterceptor, IMaterializationInterceptor
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task Ended => _ended.Task;

        public int Count => Volatile.Read(ref _count);

        public object InitializedInstance(MaterializationInterceptionData materializationData, object entity)
        {
            Interlocked.Increment(ref _count);
            return entity;
        }

        public override InterceptionResult DataReaderDisposing(DbCommand command, DataReaderDisposingEventData eventData, InterceptionResult result)
        {
            if (Count > 0)
            {
                _ended.TrySetResult();
            }

            return result;
        }
    }
}
