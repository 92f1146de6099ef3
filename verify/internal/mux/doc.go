// Package mux puts many DNS questions to many servers at once: a few UDP
// sockets, told apart by port and id, one timing wheel, and no goroutine and
// no allocation for a question.
//
//	m := mux.New(mux.Options{})
//	defer m.Close()
//	m.Ask(&mux.Question{Server: server, Name: name, Type: 16, Answer: func(q *mux.Question, a mux.Answer) { … }})
//
// A Question belongs to its caller and is all the memory that it costs while
// it is under way. It is asked again while there is time, without EDNS
// (RFC 6891) where a server does not know that, and over TCP where the answer
// does not fit. Only a message from the server's own address and port, with
// the id and the question, letter for letter in the random case that was sent,
// is an answer; all others are counted. What is sent to one server and to one
// provider is bounded by a Budget that follows how they bear it.
//
// It does not read answers beyond that, knows no zones and follows nothing.
package mux
