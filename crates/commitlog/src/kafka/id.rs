//! The id that Kafka gave a topic when it was made. rdkafka has no safe call for it.
#![allow(unsafe_code, reason = "librdkafka's C functions")]

use std::{
    ffi::{CStr, CString},
    ptr,
    time::Duration,
};

use rdkafka::{
    ClientContext, bindings as c,
    client::Client,
    error::{KafkaError, KafkaResult, RDKafkaErrorCode},
    types::RDKafkaRespErr,
};

/// What Kafka says for a topic without an id.
const NONE: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// The topic's id; none if Kafka gives none, as it did before version 2.8.
pub(super) fn topic_id<C: ClientContext>(
    client: &Client<C>,
    topic: &str,
    patience: Duration,
) -> KafkaResult<Option<String>> {
    let name = CString::new(topic)?;
    let mut names = [name.as_ptr()];
    let patience_ms = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the client outlives the call; `names` holds one C string, which is copied; what is made here is destroyed here, once, and after
    // its last use: the event last of those that the answer points into.
    unsafe {
        let native = client.native_ptr();
        let queue = c::rd_kafka_queue_new(native);
        let topics = c::rd_kafka_TopicCollection_of_topic_names(names.as_mut_ptr(), names.len());
        let op = c::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS;
        let options = c::rd_kafka_AdminOptions_new(native, op);
        c::rd_kafka_AdminOptions_set_request_timeout(options, patience_ms, ptr::null_mut(), 0);
        c::rd_kafka_DescribeTopics(native, topics, options, queue);
        let event = c::rd_kafka_queue_poll(queue, patience_ms);
        let id = if event.is_null() { Err(RDKafkaErrorCode::OperationTimedOut) } else { read(event) };
        if !event.is_null() {
            c::rd_kafka_event_destroy(event);
        }
        c::rd_kafka_AdminOptions_destroy(options);
        c::rd_kafka_TopicCollection_destroy(topics);
        c::rd_kafka_queue_destroy(queue);
        id.map_err(KafkaError::AdminOp)
    }
}

/// The id in the answer.
///
/// # Safety
///
/// `event` must be alive.
unsafe fn read(event: *mut c::rd_kafka_event_t) -> Result<Option<String>, RDKafkaErrorCode> {
    // SAFETY: the event is alive; what it gives lives as long, is checked for null, and is copied.
    unsafe {
        fine(c::rd_kafka_event_error(event))?;
        let result = c::rd_kafka_event_DescribeTopics_result(event);
        if result.is_null() {
            return Err(RDKafkaErrorCode::BadMessage);
        }
        let mut count = 0;
        let list = c::rd_kafka_DescribeTopics_result_topics(result, &mut count);
        if list.is_null() || count != 1 {
            return Err(RDKafkaErrorCode::BadMessage);
        }
        fine(c::rd_kafka_error_code(c::rd_kafka_TopicDescription_error(*list)))?;
        let id = c::rd_kafka_TopicDescription_topic_id(*list);
        let text = if id.is_null() { ptr::null() } else { c::rd_kafka_Uuid_base64str(id) };
        let text = (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned());
        Ok(text.filter(|text| text != NONE))
    }
}

fn fine(code: RDKafkaRespErr) -> Result<(), RDKafkaErrorCode> {
    if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR { Ok(()) } else { Err(code.into()) }
}
