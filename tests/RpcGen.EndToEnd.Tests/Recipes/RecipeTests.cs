using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RpcGen.EndToEnd.Tests.Harness;
using Shop;

namespace RpcGen.EndToEnd.Tests.Recipes;

/// <summary>The recipes of docs/recipes.md and the examples of docs/streams.md run.</summary>
public abstract class RecipeTests(ITestBroker broker) : EndToEndTest(broker)
{
    /// <summary>The size of the large file. With 3000, the test sends a file of 3 GB there and back.</summary>
    private static readonly int FileMegabytes = int.Parse(Environment.GetEnvironmentVariable("RPCGEN_TEST_FILE_MB") ?? "8", System.Globalization.CultureInfo.InvariantCulture);

    private readonly string _folder = Directory.CreateTempSubdirectory("rpcgen-recipes-").FullName;

    [Fact]
    public async Task A_large_file_goes_there_and_back_with_progress_and_its_hash()
    {
        string original = Path.Combine(_folder, "original.tar"), copy = Path.Combine(_folder, "copy.tar"), served = Directory.CreateDirectory(Path.Combine(_folder, "served")).FullName;
        await WriteFileAsync(original);
        IFiles files = await ServeAsync<IFiles>(new FileService(served));
        await using var output = new Output("100 %");

        await FileClient.UploadAsync(files, original, output, Cancel);
        string received = await FileClient.DownloadAsync(files, copy, Cancel);

        await output.IsWritten.OrFail();
        Assert.Equal(await HashAsync(original), received);
        Assert.Equal(received, await HashAsync(copy));
        Assert.Equal(["backup.tar"], Directory.EnumerateFiles(served).Select(file => Path.GetFileName(file)));
    }

    [Fact]
    public async Task A_document_that_no_message_can_hold_is_imported_article_by_article()
    {
        string path = Path.Combine(_folder, "articles.json");
        await using (FileStream document = File.Create(path))
        {
            await JsonSerializer.SerializeAsync(document, Enumerable.Range(0, 30_000).Select(number => new Article(number, new string('x', 1000))), JsonSerializerOptions.Web, Cancel);
        }

        var store = new Articles();
        Assert.True(new FileInfo(path).Length > 30_000_000);

        Assert.Equal(30_000, await CatalogueClient.ImportAsync(await ServeAsync<ICatalogue>(new Catalogue(store)), path, Cancel));
        Assert.Equal(30_000, store.Count);
    }

    /// <summary>Each month takes 50 seconds of the caller's clock, so the job takes ten minutes. Its time limit is two.</summary>
    [Fact]
    public async Task A_job_of_ten_minutes_ends_as_long_as_it_reports()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var shown = new ConcurrentQueue<int>();
        var patient = new RpcConnectionOptions { PeerHeartbeat = TimeSpan.FromMinutes(1) }; // the clocks of the two sides differ
        await (await ConnectAsync(patient)).ServeAsync<IReports>(new ReportService(new Renderer(clock, shown)), ServerOptions, Cancel);
        IReports reports = (await ConnectAsync(new RpcConnectionOptions(patient) { TimeProvider = clock })).CreateClient<IReports>(ClientOptions);
        DateTimeOffset start = clock.GetUtcNow();

        Report report = await ReportClient.RenderAsync(reports, shown.Enqueue, Cancel).OrFail();

        Assert.Equal(2026, report.Year);
        Assert.Equal(TimeSpan.FromMinutes(10), clock.GetUtcNow() - start);
        await Wait.UntilAsync(() => shown.Contains(100), "100 % are shown");
    }

    [Fact]
    public async Task A_live_feed_ends_in_order_with_its_host()
    {
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        RpcServer server = await (await ConnectAsync()).ServeAsync<Contracts.IFeed>(
            new Contracts.Feed((_, token) => Endless(opened, token).UntilStopped(RpcCallContext.Current!.Stopping)), ServerOptions, Cancel);
        Task<List<Contracts.FeedItem>> reading = (await ConnectAsync()).CreateClient<Contracts.IFeed>(ClientOptions).ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        await opened.Task.OrFail();

        await server.StopAsync(Cancel).OrFail();

        Assert.Single(await reading.OrFail());

        static async IAsyncEnumerable<Contracts.FeedItem> Endless(TaskCompletionSource opened, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new Contracts.FeedItem(1, "one");
            opened.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    [Fact]
    public async Task Parcels_of_a_file_are_stored_one_by_one()
    {
        var shelves = new Shelves();
        IWarehouse warehouse = await ServeAsync<IWarehouse>(new Warehouse(shelves));

        Assert.Equal(3, await WarehouseClient.StoreAsync(warehouse, new StringReader("a\nb\nc"), Cancel).OrFail());
        Assert.Equal(["A7 a", "A7 b", "A7 c"], shelves.Put);
    }

    [Fact]
    public async Task Texts_and_translations_go_at_the_same_time_and_within_limits()
    {
        ITranslations translations = await ServeAsync<ITranslations>(new Translations());

        Assert.Equal([new Translation("de: a"), new Translation("de: b")], await translations.TranslateAsync("de", new[] { new Text("a"), new Text("b") }.ToAsyncEnumerable(), Cancel).ToListAsync(Cancel));
        Assert.Equal(3, await translations.ProofreadAsync("de", Cancel).CountAsync(Cancel));
    }

    protected override async Task CleanUpAsync()
    {
        Directory.Delete(_folder, recursive: true);
        await base.CleanUpAsync();
    }

    private async Task<T> ServeAsync<T>(T service)
        where T : class, IRpcContract<T>
    {
        await (await ConnectAsync()).ServeAsync(service, ServerOptions, Cancel);
        return (await ConnectAsync()).CreateClient<T>(ClientOptions);
    }

    private static async Task WriteFileAsync(string path)
    {
        byte[] block = new byte[1 << 20];
        new Random(FileMegabytes).NextBytes(block);
        await using FileStream file = File.Create(path);
        for (int i = 0; i < FileMegabytes; i++)
        {
            block[0] = (byte)i; // no two blocks are equal
            await file.WriteAsync(block, Cancel);
        }
    }

    private static async Task<string> HashAsync(string path)
    {
        await using FileStream file = File.OpenRead(path);
        return Convert.ToHexString(await System.Security.Cryptography.SHA256.HashDataAsync(file, Cancel));
    }

    /// <summary>Waits until something was written. <see cref="Progress{T}"/> passes values on later.</summary>
    private sealed class Output(string wanted) : StringWriter
    {
        private readonly TaskCompletionSource _isWritten = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsWritten => _isWritten.Task;

        public override void Write(string? value)
        {
            if (value?.Contains(wanted, StringComparison.Ordinal) == true)
            {
                _isWritten.TrySetResult();
            }
        }
    }

    private sealed class Articles : IArticleStore
    {
        public int Count { get; private set; }

        public Task AddAsync(Article article, CancellationToken cancellationToken)
        {
            Assert.Equal(Count++, article.Number);
            return Task.CompletedTask;
        }
    }

    /// <summary>Time passes only once the caller has the progress of the month before.</summary>
    private sealed class Renderer(FakeTimeProvider clock, ConcurrentQueue<int> shown) : IRenderer
    {
        public async Task RenderMonthAsync(int year, int month, CancellationToken cancellationToken)
        {
            await Wait.UntilAsync(() => shown.Count == month - 1, $"the progress before month {month} is shown");
            clock.Advance(TimeSpan.FromSeconds(50));
        }
    }

    private sealed class Shelves : IShelves
    {
        public ConcurrentQueue<string> Put { get; } = new();

        public Task PutAsync(string shelf, Parcel parcel, CancellationToken cancellationToken)
        {
            Put.Enqueue($"{shelf} {parcel.Content}");
            return Task.CompletedTask;
        }
    }
}

public sealed class RecipeTestsInMemory(MemoryBroker broker) : RecipeTests(broker), IClassFixture<MemoryBroker>;

public sealed class RecipeTestsOnRabbitMq(SharedRabbit broker) : RecipeTests(broker);
