using Belljar.Bus.UnixSocket;

namespace Belljar.Bus.Tests.UnixSocket;

public class OutboxTests
{
    private readonly Outbox _outbox = new("EVT", new QueueBounds(Messages: 3), mostControl: 4);

    [Fact]
    public void Take_ControlBetweenMessages_KeepsItsPlace()
    {
        Publish("1", "2");
        Control("SUB", "a");
        Publish("3");
        Control("UNSUB", "a");

        Assert.Equal(["EVT 1", "EVT 2", "SUB a", "EVT 3", "UNSUB a"], TakeAll());
    }

    [Fact]
    public void Take_MessagesBeforeControlDropped_ControlStillComesBeforeLaterOnes()
    {
        Publish("1", "2");
        Control("SUB", "a");
        Publish("3", "4", "5");

        Assert.Equal(["SUB a", "EVT 3", "EVT 4", "EVT 5"], TakeAll());
        Assert.Equal(2, _outbox.Statistics.Dropped);
    }

    [Fact]
    public void Take_OneByOne_KeepsTheOrder()
    {
        Publish("1");
        Control("SUB", "a");
        Publish("2");
        var one = new OutgoingFrame[1];
        var taken = new List<string>();
        while (_outbox.Take(one, 1) == 1)
        {
            taken.Add(one[0].Verb);
        }

        Assert.Equal(["EVT", "SUB", "EVT"], taken);
    }

    [Fact]
    public void Control_AtTheBound_IsRefusedAndChangesNothing()
    {
        var changes = 0;
        for (var i = 0; i < 4; i++)
        {
            Assert.True(_outbox.TryControl("SUB", "a", () => changes++));
        }

        Assert.False(_outbox.TryControl("SUB", "a", () => changes++));
        Assert.Equal(4, changes);
    }

    [Fact]
    public async Task Close_WhatWaits_ComesBeforeBye()
    {
        Publish("1");
        _outbox.Close();
        Publish("late");

        Assert.True(await _outbox.WaitAsync(Wait.Deadline()));
        Assert.Equal(["EVT 1", "BYE "], TakeAll());
        Assert.False(await _outbox.WaitAsync(Wait.Deadline()));
    }

    [Fact]
    public void Restart_PutsItsFramesBeforeTheMessages()
    {
        Publish("1");
        Control("SUB", "old");

        _outbox.Restart([("HELLO", "me"), ("SUB", "new")]);

        Assert.Equal(["HELLO me", "SUB new", "EVT 1"], TakeAll());
    }

    private void Publish(params string[] topics) =>
        Array.ForEach(topics, topic => _outbox.Enqueue(new BusMessage(topic, default)));

    private void Control(string verb, string argument) => Assert.True(_outbox.TryControl(verb, argument, () => { }));

    private string[] TakeAll()
    {
        var frames = new OutgoingFrame[100];
        return [.. frames.Take(_outbox.Take(frames, int.MaxValue)).Select(frame => $"{frame.Verb} {frame.Argument}")];
    }
}
