using System.Globalization;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Transport;
using RpcGen.Transport.InMemory;
using Xunit;

namespace RpcGen.Tests.Transports;

/// <summary>
/// In any sequence of operations, each message is ready, or with one consumer, or acknowledged. The test schedules the
/// broker's work itself, so that a failure is found again from its seed.
/// </summary>
public sealed class InMemoryModelTests
{
    private const int Channels = 3;

    private static readonly Gen<Action<Model>> Step = Gen.OneOf(
        Gen.Int[1, 4].Select<int, Action<Model>>(count => model => model.Publish(count)),
        Gen.Select<int, int, Action<Model>>(Gen.Int[0, Channels - 1], Gen.Int[1, 3], (channel, prefetch) => model => model.Consume(channel, (ushort)prefetch)),
        Gen.Int[1, 3].Select<int, Action<Model>>(count => model => model.Work(count)),
        Gen.Select<int, int, bool, Action<Model>>(Gen.Int[0, Channels - 1], Gen.Int[0, 5], Gen.Bool, (channel, which, multiple) => model => model.Acknowledge(channel, which, multiple)),
        Gen.Select<int, int, Action<Model>>(Gen.Int[0, Channels - 1], Gen.Int[0, 5], (channel, which) => model => model.Requeue(channel, which)),
        Gen.Int[0, Channels - 1].Select<int, Action<Model>>(channel => model => model.Cancel(channel)),
        Gen.Int[0, Channels - 1].Select<int, Action<Model>>(channel => model => model.Reopen(channel)));

    [Fact]
    public void Every_message_is_in_one_place() => Step.Array[0, 60].Sample(
        steps =>
        {
            using var model = new Model();
            foreach (Action<Model> step in steps)
            {
                step(model);
                model.Check();
            }

            model.Finish();
        },
        iter: 3_000);

    private sealed class Model : IDisposable
    {
        private readonly InMemoryBroker _broker = InMemoryBrokers.Hold($"{Guid.NewGuid():N}", new FakeTimeProvider());
        private readonly Queue<IThreadPoolWorkItem> _work = new();
        private readonly ITransportConnection _connection;
        private readonly Seat[] _seats = [.. Enumerable.Range(0, Channels).Select(_ => new Seat())];
        private readonly HashSet<int> _acknowledged = [];
        private int _published;

        public Model()
        {
            _broker.Scheduler = _work.Enqueue;
            _connection = Done(new InMemoryTransport(_broker.Name, TimeProvider.System).ConnectAsync("model", default));
            for (int i = 0; i < Channels; i++)
            {
                Reopen(i);
            }

            Done(_seats[0].Channel!.DeclareQueueAsync(new QueueDeclaration("q", QueueKind.Classic), default));
        }

        public void Publish(int count)
        {
            for (int i = 0; i < count; i++)
            {
                byte[] body = Encoding.UTF8.GetBytes((++_published).ToString(CultureInfo.InvariantCulture));
                Done(_seats[0].Channel!.PublishAsync(new OutgoingMessage { Exchange = "", RoutingKey = "q", Body = body }, default).AsTask());
            }
        }

        public void Consume(int channel, ushort prefetch)
        {
            Seat seat = _seats[channel];
            seat.Room += prefetch;
            seat.Tags.Enqueue(Done(seat.Channel!.ConsumeAsync("q", prefetch, new Order(seat), default)));
        }

        public void Work(int count)
        {
            while (count-- > 0 && _work.TryDequeue(out IThreadPoolWorkItem? work))
            {
                work.Execute();
            }
        }

        public void Acknowledge(int channel, int which, bool multiple)
        {
            Seat seat = _seats[channel];
            if (which < seat.Unacked.Count)
            {
                ulong tag = seat.Unacked.Keys[which];
                Done(seat.Channel!.AckAsync(tag, multiple, default).AsTask());
                foreach (ulong acknowledged in seat.Unacked.Keys.Where(other => other == tag || (multiple && other < tag)).ToArray())
                {
                    Assert.True(_acknowledged.Add(seat.Unacked[acknowledged]), "Delivered again after its acknowledgement.");
                    seat.Unacked.Remove(acknowledged);
                }
            }
        }

        public void Requeue(int channel, int which)
        {
            Seat seat = _seats[channel];
            if (which < seat.Unacked.Count)
            {
                Done(seat.Channel!.RequeueAsync(seat.Unacked.Keys[which], default).AsTask());
                seat.Unacked.RemoveAt(which);
            }
        }

        public void Cancel(int channel)
        {
            Seat seat = _seats[channel];
            if (seat.Tags.TryDequeue(out string? tag))
            {
                _ = seat.Channel!.CancelConsumerAsync(tag, default);
                while (_work.Count > 0)
                {
                    Work(1);
                }
            }
        }

        public void Reopen(int channel)
        {
            Done(_seats[channel].Channel?.DisposeAsync().AsTask() ?? Task.CompletedTask);
            _seats[channel] = new Seat { Channel = Done(_connection.OpenChannelAsync(default)) };
        }

        public void Check()
        {
            InMemoryQueueInfo queue = Assert.Single(_broker.Queues);
            Assert.Equal(_published - _acknowledged.Count, queue.Ready + queue.Unacked);
            Assert.Equal(_seats.Sum(seat => seat.Tags.Count), queue.Consumers);
            Assert.True(queue.Ready == 0 || queue.Consumers == 0 || queue.Unacked > 0, "A message waits although nobody is busy.");
            foreach (Seat seat in _seats)
            {
                Assert.True(seat.Unacked.Count <= seat.Room, "More than the prefetch.");
                Assert.False(seat.Channel!.Closed.IsCompleted);
            }
        }

        public void Finish()
        {
            for (int i = 0; i < Channels; i++)
            {
                Reopen(i);
            }

            int left = _published - _acknowledged.Count;
            Consume(0, ushort.MaxValue);
            Work(int.MaxValue);
            Assert.Equal(
                Enumerable.Range(1, _published).Where(number => !_acknowledged.Contains(number)),
                _seats[0].Unacked.Values);
            Assert.Equal(left, _seats[0].Unacked.Count);
        }

        public void Dispose()
        {
            Done(_connection.DisposeAsync().AsTask());
            _broker.Dispose();
        }

        private static T Done<T>(Task<T> task)
        {
            Done((Task)task);
            return task.GetAwaiter().GetResult();
        }

        private static void Done(Task task) => Assert.True(task.IsCompletedSuccessfully, task.Exception?.Message ?? "It waits.");
    }

    /// <summary>A channel as its user sees it.</summary>
    private sealed class Seat
    {
        public ITransportChannel? Channel { get; init; }

        /// <summary>What was delivered and is neither acknowledged nor given back, by tag.</summary>
        public SortedList<ulong, int> Unacked { get; } = [];

        public Queue<string> Tags { get; } = new();

        /// <summary>The prefetches of all consumers, cancelled ones included.</summary>
        public int Room { get; set; }
    }

    private sealed class Order(Seat seat) : ITransportConsumer
    {
        private int _lastFresh;

        public void OnDelivered(in IncomingMessage message)
        {
            int number = int.Parse(message.Body.Span, CultureInfo.InvariantCulture);
            Assert.True(message.IsRedelivered || number > _lastFresh, "Out of order.");
            _lastFresh = message.IsRedelivered ? _lastFresh : number;
            seat.Unacked.Add(message.DeliveryTag, number);
        }

        public void OnCancelledByBroker() => Assert.Fail("Nobody deleted the queue.");
    }
}
